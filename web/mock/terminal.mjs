// A pretend terminal: enough of a checkout to see the page move. Its display is an SVG, not real pixels.
const clients = new Set()
let frame = 1
let prints = 0
const lines = []
const devices = { scanner: 'plugged', paper: 'ok', cover: 'closed', printer: 'plugged' }
const state = {
  screen: 'idle', result: null, message: 'none', argument: '', typed: '', bill: 0, currency: 'CNY', earned: 0, redeemed: 0, redeem_max: 0, discount: 0,
  balance: null, receipt: '', offline: false, can_undo: false, language: 'zh-CN', member: null,
  status: { link: 'online', unsynced: 0, oldest_unsynced_age_s: 0, syncing: false, paper: 'ok', scanner: 'ready', clock_skew_s: 0 },
}

function tell(event, data) {
  for (const client of clients) client.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}
function changed(sound) {
  frame += 1
  tell('state', state)
  tell('frame', { frame })
  if (sound) tell('sound', { sound })
}

const kTitles = { idle: '欢迎光临', amount: '请输入金额', scan: '请出示会员码', member: '会员 张*  金卡', redeem: '兑换积分', result: '已批准', void_pick: '撤销哪一笔？', message: '请看提示' }
function display() {
  const amount = state.typed || (state.bill / 100).toFixed(2)
  const ground = state.screen === 'result' ? '#0e6a5b' : '#f5f4ef'
  const ink = state.screen === 'result' ? '#fff' : '#1c2430'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="320" font-family="Noto Sans CJK SC"><rect width="480" height="320" fill="${ground}"/>
  <rect width="480" height="34" fill="#1c2430"/><text x="14" y="23" font-size="15" fill="#fff">● 在线   未上传 0</text><text x="466" y="23" font-size="15" fill="#fff" text-anchor="end">10:24</text>
  <text x="240" y="110" font-size="30" fill="${ink}" text-anchor="middle">${kTitles[state.screen] ?? state.screen}</text>
  <text x="240" y="190" font-size="56" fill="${ink}" text-anchor="middle">${state.screen === 'result' ? `+${state.earned} 分` : `¥${amount}`}</text></svg>`
}
function paper() {
  const rows = lines.map((text, i) => `<text x="20" y="${30 + i * 26}" font-size="20" font-family="monospace">${text}</text>`).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="384" height="${lines.length * 26 + 40}"><rect width="100%" height="100%" fill="#fff"/>${rows}</svg>`
}

function member() {
  if (state.screen !== 'scan') return
  Object.assign(state, { screen: 'member', member: { name: '张*' }, earned: Math.floor(state.bill / 100) })
  changed('attention')
}
function key(name) {
  if (/^\d$|^dot$/.test(name)) {
    if (state.screen === 'idle' || state.screen === 'result') Object.assign(state, { screen: 'amount', typed: '', result: null, bill: 0 })
    state.typed += name === 'dot' ? '.' : name
    return changed('key')
  }
  if (name === 'back') state.typed = state.typed.slice(0, -1)
  if (name === 'cancel') Object.assign(state, { screen: 'idle', typed: '', result: null, bill: 0 })
  if (name === 'void') state.screen = 'void_pick'
  if (name === 'enter' && state.screen === 'amount') Object.assign(state, { screen: 'scan', bill: Math.round(Number(state.typed) * 100), typed: '' })
  else if (name === 'enter' && state.screen === 'member') {
    prints += 1
    Object.assign(state, { screen: 'result', result: 'approved', balance: 1240 + state.earned, receipt: `101-1-${prints}` })
    lines.push('      人民路店', '', `小票 ${state.receipt}`, `金额   ¥${(state.bill / 100).toFixed(2)}`, `获得   ${state.earned} 分`, `余额   ${state.balance} 分`, '', '▓▓░▓░▓▓░▓▓▓░', '▓░▓▓░░▓▓▓░░▓', '░▓▓░▓▓▓░▓░▓▓', '', '  谢谢惠顾', '- - - - - - - - - - -', '')
    tell('printed', { count: prints, receipt: state.receipt, qr: 'TR1:ABC' })
    return changed('approved')
  } else if (name === 'enter' && state.screen === 'result') Object.assign(state, { screen: 'idle', result: null, bill: 0 })
  return changed('key')
}
const svg = (response, text) => void response.writeHead(200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'no-store' }).end(text)
const refuse = (status, error, zh, en) => ({ status, body: { error, zh, en } })

export function terminalRoutes() {
  return {
    'GET /api/info': () => ({ terminal: 101, width: 480, height: 320, paper_width: 384, version: '0.1.0', keys: [], devices }),
    'GET /api/state': () => state,
    'GET /api/display.png': (_b, { response }) => svg(response, display()),
    'GET /api/paper.png': (_b, { response }) => svg(response, paper()),
    'GET /api/events': (_b, { response }) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
      clients.add(response)
      response.on('close', () => clients.delete(response))
      response.write(`event: state\ndata: ${JSON.stringify(state)}\n\nevent: frame\ndata: {"frame":${frame}}\n\nevent: device\ndata: ${JSON.stringify(devices)}\n\n`)
      return undefined
    },
    'POST /api/key': ({ key: name }) => (key(name), null),
    'POST /api/scan': ({ type }) => {
      if (devices.scanner === 'unplugged') return refuse(409, 'unplugged', '扫码器已拔下，请插上后再扫。', 'The scanner is unplugged; plug it in and scan again.')
      if (type?.startsWith('image/') && process.env.MOCK_NO_CODE === '1') return refuse(422, 'no_code', '图片里没有能识别的码，请换一张更清晰的。', 'No code can be read in this picture; try a sharper one.')
      member()
      return null
    },
    'POST /api/tap': () => (member(), null),
    'POST /api/device': (change) => {
      Object.assign(devices, change)
      tell('device', devices)
      return null
    },
    'POST /api/paper/tear': () => {
      lines.length = 0
      return null
    },
  }
}
