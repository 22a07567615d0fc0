// The OA's routes with a few members.
const us = () => Date.now() * 1000
const kDayUs = 86_400_000_000
const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)
const kNames = ['张*', '李**', '王*', '赵**', '陈*', '刘*', 'Ma** Sm***', '欧阳*', '周**', '吴*']

let nextId = 1
function newMember(name, phoneTail, available, more = {}) {
  const id = String(nextId++)
  return {
    id, number: `990000000000${String(id).padStart(3, '0')}7`, name, phone_tail: phoneTail, language: 'zh-CN', tier: 0, frozen: false, frozen_reason: null, frozen_us: null,
    enrolled_us: us() - Number(id) * kDayUs, balance: { available, held: 0, pending: 0, debt: 0 }, expiring: null, as_of_us: us(), ...more,
  }
}
const members = kNames.map((name, i) => newMember(name, String(4821 + i * 37), 1240 + i * 613, { tier: i % 4, frozen: i === 3, frozen_reason: i === 3 ? '会员报失' : null, frozen_us: i === 3 ? us() - kDayUs : null }))
Object.assign(members[0], { balance: { available: 1240, held: 200, pending: 128, debt: 0 }, expiring: { points: 320, on: day(26) } })

const row = (m) => ({ id: m.id, number: m.number, name: m.name, phone_tail: m.phone_tail, tier: m.tier, available: m.balance.available, frozen: m.frozen, enrolled_us: m.enrolled_us })
const card = (m) => ({ number: m.number, qr_text: m.number, kind: 'qr', state: 'active', issued_us: m.enrolled_us })
const money = (minor) => ({ minor, currency: 'CNY' })
const refuse = (status, code, zh, en, todoZh, todoEn) => ({ status, body: { error: { code, message_zh: zh, message_en: en, what_to_do_zh: todoZh, what_to_do_en: todoEn } } })
const noMember = () => refuse(404, 'not_found', '没有这位会员。', 'There is no such member.', '请返回列表重新查找。', 'Go back and search again.')

function history() {
  const line = (i, kind, points, after, more = {}) => ({
    id: `l${i}`, time_us: us() - i * 5_400_000_000, posted_us: us() - i * 5_400_000_000 + 900_000, business_day: day(0), kind, store: 1, store_name: '人民路店', terminal: 101, receipt: `101-1-${60 - i}`,
    original_receipt: null, points, balance_after: after, bill: null, discount: null, state: 'posted', note: null, ...more,
  })
  return [
    line(0, 'hold', -200, 1240, { receipt: null, note: null }),
    line(1, 'accrual', 128, 1440, { bill: money(12850), state: 'pending' }),
    line(2, 'void', -88, 1440, { original_receipt: '101-1-57', bill: money(8800) }),
    line(3, 'accrual', 88, 1528, { bill: money(8800), state: 'cancelled' }),
    line(4, 'redemption', -500, 1440, { bill: money(6600), discount: money(500) }),
    line(5, 'accrual', 1940, 1940, { bill: money(194050) }),
    line(6, 'enrolment', 0, 0, { receipt: null, terminal: null, store: null, store_name: null }),
  ]
}

export function consoleRoutes() {
  const change = (id, more) => {
    const found = members.find((m) => m.id === id)
    return found ? Object.assign(found, more, { as_of_us: us() }) : noMember()
  }
  return {
    'GET /api/overview': () => ({
      now_us: us(), business_day: day(0), program: { version: 3, name: '标准积分' }, members: { total: 18234, frozen: 12, enrolled_today: 27 },
      points: { available: 5_482_110, held: 3200, pending: 88_120, debt: 140, outstanding: 5_573_430 },
      today: { records: 1733, sales: 1688, accrued_points: 204_512, redeemed_points: 61_300, voids: 21, reversals: 4 },
      days: Array.from({ length: 14 }, (_, i) => ({ day: day(i - 13), accrued_points: 150_000 + ((i * 7919) % 13) * 6200, redeemed_points: 40_000 + ((i * 104_729) % 11) * 4100, sales: 1400 + i * 13 })),
      quarantine: { open: 2 }, ledger: { sum_zero: true, checked_us: us() - 42_000_000, generation: 1 }, gateways: { connected: 2, known: 3 },
      tls: { library: 'mbedTLS 3.6.6', remark_zh: null, remark_en: null },
    }),
    'GET /api/stores': () => ({
      stores: [
        { id: 1, name: '人民路店', gateways: [{ id: 11, incarnation: 1, connected: true, last_contact_us: us() - 200_000, software: '0.1.0', terminals: 4, behind_records: 0 }] },
        { id: 2, name: '火车站店', gateways: [{ id: 12, incarnation: 1, connected: true, last_contact_us: us() - 900_000, software: '0.1.0', terminals: 2, behind_records: 3 }, { id: 13, incarnation: 2, connected: false, last_contact_us: us() - 8.2e9, software: '0.1.0', terminals: 1, behind_records: null }] },
      ],
    }),
    'GET /api/members': (_b, { url }) => {
      const q = (url.searchParams.get('query') ?? '').replace(/\s/g, '')
      const found = members.filter((m) => q === '' || m.number.includes(q) || m.phone_tail === q || m.name.startsWith(q[0]))
      const from = Number(url.searchParams.get('cursor') ?? 0)
      return { members: found.slice(from, from + 6).map(row), next_cursor: from + 6 < found.length ? String(from + 6) : null }
    },
    'POST /api/members': ({ name, phone }) => {
      if (phone === '13800000000') return refuse(409, 'phone_taken', '这个手机号已经属于另一位会员。', 'Another member has this phone number.', '请按手机尾号查找那位会员。', 'Find that member by the last digits.')
      const m = newMember(`${name[0]}*`, phone ? phone.slice(-4) : null, 0, { enrolled_us: us() })
      members.unshift(m)
      return { status: 201, body: { member: m, card: card(m) } }
    },
    'GET /api/members/:id': (_b, { ids }) => change(ids[0], {}),
    'GET /api/members/:id/lots': () => ({ lots: [
      { issuer_store: 1, issuer_name: '人民路店', points: 320, issued_on: day(-340), expires_on: day(26) },
      { issuer_store: 2, issuer_name: '火车站店', points: 900, issued_on: day(-90), expires_on: day(275) },
      { issuer_store: 1, issuer_name: '人民路店', points: 220, issued_on: day(-10), expires_on: null },
    ] }),
    'GET /api/members/:id/history': (_b, { url }) => (url.searchParams.get('cursor') ? { lines: [], next_cursor: null } : { lines: history(), next_cursor: 'x' }),
    'GET /api/members/:id/cards': (_b, { ids }) => ({ cards: members.filter((m) => m.id === ids[0]).map(card) }),
    'POST /api/members/:id/freeze': ({ reason }, { ids }) => change(ids[0], { frozen: true, frozen_reason: reason, frozen_us: us() }),
    'POST /api/members/:id/clear': (_b, { ids }) => change(ids[0], { frozen: false, frozen_reason: null, frozen_us: null }),
    'POST /api/members/:id/reveal': () => ({ name: '张三丰', phone: '13812344821' }),
    'GET /api/quarantine': () => ({ entries: [
      { id: 'q1', at_us: us() - 9e9, receipt: '102-1-33', store: 1, terminal: 102, kind: 'redemption', points: -300, member: '3', code: 'not_enough_points', text_zh: '会员的积分不够支付这笔兑换。', text_en: 'The member had too few points for this redemption.', what_to_do_zh: '请与门店核对后，由主管批准调整。', what_to_do_en: 'Check with the store, then have an adjustment approved.' },
      { id: 'q2', at_us: us() - 7e10, receipt: '103-2-4', store: 1, terminal: 103, kind: 'accrual', points: 45, member: null, code: 'unknown_card', text_zh: '没有会员持有这张卡。', text_en: 'No member holds this card.', what_to_do_zh: '如果会员后来登记了这张卡，系统会自动入账。', what_to_do_en: 'If the card is enrolled later, it posts by itself.' },
    ], next_cursor: null }),
  }
}
