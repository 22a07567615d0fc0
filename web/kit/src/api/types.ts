// The objects of docs/formats/api.md as the pages see them. Times are microseconds UTC.

/** ISO date, "2026-11-22". */
export type BusinessDay = string
/** Microseconds UTC. Within 2^53 for the next two centuries. */
export type TimeUs = number
/** Decimal digits: may exceed 2^53. */
export type BigId = string

export interface Money {
  minor: number
  currency: string
}

export interface Reason {
  code: string
  text_zh: string
  text_en: string
  what_to_do_zh: string
  what_to_do_en: string
}

export interface TlsRemark {
  library: string
  remark_zh: string | null
  remark_en: string | null
}

export type Service = 'terminal' | 'gateway' | 'oa'
export type Language = 'zh-CN' | 'en'

export interface Session {
  service: Service
  node: string
  software: string
  signed_in: boolean
  user: { name: string; role: 'technician' | 'manager' | 'clerk' | 'setup' } | null
  setup_required: boolean
  password_login: boolean
  language: Language
  expires_us: TimeUs | null
  demo: boolean
}

// Gateway

export interface StoreOverview {
  store: { id: number; name: string }
  gateway: {
    id: number
    incarnation: number
    software: string
    started_us: TimeUs
    epoch: number
    certificate_not_after_us: TimeUs | null
    fingerprint: string
  }
  now_us: TimeUs
  business_day: BusinessDay
  uplink: {
    state: 'up' | 'connecting' | 'down' | 'not_configured'
    since_us: TimeUs | null
    oa: string
    last_contact_us: TimeUs | null
    reason: Reason | null
  }
  queue: { records: number; bytes: number; oldest_age_s: number | null; unapplied_records: number }
  directory: { state: 'current' | 'behind' | 'empty' | 'failed'; version: number; cards: number; age_s: number | null }
  today: {
    sales: number
    accrued_points: number
    redeemed_points: number
    voids: number
    reversals: number
    billed: Money
    discount: Money
  }
  disk: { state: 'ok' | 'low' | 'full' | 'failed'; free_bytes: number; total_bytes: number; journal_bytes: number }
  terminals: { connected: number; known: number; unsynced_records: number }
  tls: TlsRemark
}

export interface TerminalRow {
  id: number
  name: string
  incarnation: number
  connected: boolean
  connected_since_us: TimeUs | null
  last_contact_us: TimeUs | null
  clock_skew_ms: number | null
  unsynced_records: number | null
  oldest_unsynced_age_s: number | null
  software: string | null
  received_seq: BigId
  applied_seq: BigId
  archived_seq: BigId
  quarantined: boolean
}

export interface RefusedConnection extends Reason {
  at_us: TimeUs
  peer: string
  terminal: number | null
  count: number
}

export interface StoreTerminals {
  now_us: TimeUs
  terminals: TerminalRow[]
  refused: RefusedConnection[]
}

export interface NetworkInterface {
  name: string
  mac: string
  up: boolean
  addresses: string[]
}

export interface Setup {
  language: Language
  network: {
    managed: boolean
    interfaces: NetworkInterface[]
    mode: 'dhcp' | 'static'
    interface: string | null
    address: string | null
    router: string | null
    dns: string[]
  }
  oa: { host: string; port: number; server_name: string } | null
  enrolment: {
    state: 'none' | 'requested' | 'enrolled'
    serial: string | null
    fingerprint: string | null
    request_pem: string | null
    request_qr: string | null
    gateway: number | null
    store: number | null
    incarnation: number | null
    not_after_us: TimeUs | null
  }
  manager: { exists: boolean; name: string | null }
  steps: { language: boolean; network: boolean; oa: boolean; enrolment: boolean; manager: boolean }
  finished: boolean
}

// OA

export interface OaOverview {
  now_us: TimeUs
  business_day: BusinessDay
  program: { version: number; name: string }
  members: { total: number; frozen: number; enrolled_today: number }
  points: { available: number; held: number; pending: number; debt: number; outstanding: number }
  today: {
    records: number
    sales: number
    accrued_points: number
    redeemed_points: number
    voids: number
    reversals: number
  }
  days: { day: BusinessDay; accrued_points: number; redeemed_points: number; sales: number }[]
  quarantine: { open: number }
  ledger: { sum_zero: boolean; checked_us: TimeUs; generation: number }
  gateways: { connected: number; known: number }
  tls: TlsRemark
}

export interface StoreRow {
  id: number
  name: string
  gateways: {
    id: number
    incarnation: number
    connected: boolean
    last_contact_us: TimeUs | null
    software: string | null
    terminals: number
    behind_records: number | null
  }[]
}

export interface MemberRow {
  id: BigId
  number: string
  name: string
  phone_tail: string | null
  tier: number
  available: number
  frozen: boolean
  enrolled_us: TimeUs
}

export interface Member {
  id: BigId
  number: string
  name: string
  phone_tail: string | null
  language: Language
  tier: number
  frozen: boolean
  frozen_reason: string | null
  frozen_us: TimeUs | null
  enrolled_us: TimeUs
  balance: { available: number; held: number; pending: number; debt: number }
  expiring: { points: number; on: BusinessDay } | null
  as_of_us: TimeUs
}

export interface Card {
  number: string
  qr_text: string
  kind: 'qr' | 'nfc'
  state: 'active' | 'lost' | 'replaced'
  issued_us: TimeUs
}

export interface Lot {
  issuer_store: number
  issuer_name: string
  points: number
  issued_on: BusinessDay
  expires_on: BusinessDay | null
}

export type LineKind =
  | 'accrual'
  | 'redemption'
  | 'void'
  | 'refund'
  | 'reversal'
  | 'enrolment'
  | 'adjustment'
  | 'correction'
  | 'expiry'
  | 'vesting'
  | 'hold'
  | 'release'

export interface HistoryLine {
  id: string
  time_us: TimeUs
  posted_us: TimeUs
  business_day: BusinessDay
  kind: LineKind
  store: number | null
  store_name: string | null
  terminal: number | null
  receipt: string | null
  original_receipt: string | null
  points: number
  balance_after: number | null
  bill: Money | null
  discount: Money | null
  state: 'posted' | 'pending' | 'cancelled' | 'quarantined'
  note: string | null
}

export interface QuarantineEntry extends Reason {
  id: string
  at_us: TimeUs
  receipt: string | null
  store: number | null
  terminal: number | null
  kind: LineKind
  points: number | null
  member: BigId | null
}
