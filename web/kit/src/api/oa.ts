// The OA's routes.
import { ask } from './client.ts'
import type { Card, HistoryLine, Lot, Member, MemberRow, OaOverview, QuarantineEntry, StoreRow } from './types.ts'

function query(values: Record<string, string | number | null | undefined>): string {
  const pairs = Object.entries(values).filter(([, v]) => v !== null && v !== undefined && v !== '')
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs.map(([k, v]) => [k, String(v)]))}`
}

const member = (id: string) => `/api/members/${encodeURIComponent(id)}`

export const oa = {
  overview: () => ask<OaOverview>('/api/overview'),
  stores: () => ask<{ stores: StoreRow[] }>('/api/stores'),
  members: (text: string, cursor: string | null, limit = 20) =>
    ask<{ members: MemberRow[]; next_cursor: string | null }>(`/api/members${query({ query: text, limit, cursor })}`),
  /** `key` makes a repeat after a lost answer harmless: keep it until an answer has come. */
  enrol: (fields: { name: string; phone: string | null; language: string }, key: string) =>
    ask<{ member: Member; card: Card }>('/api/members', { json: fields, headers: { 'Idempotency-Key': key } }),
  member: (id: string) => ask<Member>(member(id)),
  lots: (id: string) => ask<{ lots: Lot[] }>(`${member(id)}/lots`),
  cards: (id: string) => ask<{ cards: Card[] }>(`${member(id)}/cards`),
  history: (id: string, cursor: string | null, limit = 20) =>
    ask<{ lines: HistoryLine[]; next_cursor: string | null }>(`${member(id)}/history${query({ limit, cursor })}`),
  freeze: (id: string, reason: string) => ask<Member>(`${member(id)}/freeze`, { json: { reason } }),
  clear: (id: string, reason: string) => ask<Member>(`${member(id)}/clear`, { json: { reason } }),
  reveal: (id: string, reason: string) =>
    ask<{ name: string; phone: string | null }>(`${member(id)}/reveal`, { json: { reason } }),
  quarantine: (cursor: string | null, limit = 20) =>
    ask<{ entries: QuarantineEntry[]; next_cursor: string | null }>(`/api/quarantine${query({ limit, cursor })}`),
}
