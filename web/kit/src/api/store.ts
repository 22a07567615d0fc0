// The gateway's routes.
import { ask } from './client.ts'
import type { Setup, StoreOverview, StoreTerminals } from './types.ts'

export const storeOverview = () => ask<StoreOverview>('/api/store/overview')
export const storeTerminals = () => ask<StoreTerminals>('/api/store/terminals')

export type NetworkChange =
  | { mode: 'keep' }
  | { mode: 'dhcp'; interface: string }
  | { mode: 'static'; interface: string; address: string; router: string; dns: string[] }

export const setup = {
  read: () => ask<Setup>('/api/setup'),
  language: (language: string) => ask<Setup>('/api/setup/language', { json: { language } }),
  network: (change: NetworkChange) => ask<Setup>('/api/setup/network', { json: change }),
  oa: (oa: { host: string; port: number; server_name: string }) => ask<Setup>('/api/setup/oa', { json: oa }),
  request: () => ask<Setup>('/api/setup/enrolment/request', { json: {} }),
  certificate: (pem: string) => ask<Setup>('/api/setup/enrolment/certificate', { json: { pem } }),
  manager: (name: string, password: string) => ask<Setup>('/api/setup/manager', { json: { name, password } }),
  finish: () => ask<Setup>('/api/setup/finish', { json: {} }),
}
