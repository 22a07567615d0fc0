// The gateway's routes with a store that has something of everything.
const started = Date.now() * 1000 - 3_900_000_000
const us = () => Date.now() * 1000
const kFingerprint = '9f2c41d07ab8e35516d0c2947be1380fd2a6b9c81e5f70334a9be2d16c7f0a85'

function overview() {
  const down = process.env.MOCK_DOWN === '1'
  return {
    store: { id: 1, name: '人民路店' },
    gateway: { id: 11, incarnation: 1, software: '0.1.0', started_us: started, epoch: 1, certificate_not_after_us: us() + 7.7e12, fingerprint: kFingerprint },
    now_us: us(),
    business_day: new Date().toISOString().slice(0, 10),
    uplink: {
      state: down ? 'down' : 'up',
      since_us: us() - 1_260_000_000,
      oa: 'oa.example.com:7443',
      last_contact_us: us() - (down ? 1_260_000_000 : 400_000),
      reason: down ? { code: 'connect_refused', text_zh: '总部服务器拒绝了连接。', text_en: 'The office refused the connection.', what_to_do_zh: '请确认总部地址和端口。', what_to_do_en: 'Check the office address and port.' } : null,
    },
    queue: down ? { records: 37, bytes: 9121, oldest_age_s: 1263, unapplied_records: 0 } : { records: 0, bytes: 0, oldest_age_s: null, unapplied_records: 2 },
    today: { sales: 214, accrued_points: 26480, redeemed_points: 4100, voids: 3, reversals: 1, billed: { minor: 2718350, currency: 'CNY' }, discount: { minor: 41000, currency: 'CNY' } },
    disk: { state: down ? 'low' : 'ok', free_bytes: 6.1e9, total_bytes: 16e9, journal_bytes: 4_870_144 },
    terminals: { connected: 3, known: 4, unsynced_records: 2 },
    directory: { state: down ? 'behind' : 'current', version: 1099511628931, cards: 18_204, age_s: down ? 1260 : 0 },
    tls: { library: 'mbedTLS 2.28.3', remark_zh: '这个版本的 TLS 库上游已停止维护，建议升级到 Debian 13。', remark_en: 'This TLS library is no longer maintained upstream; move to Debian 13.' },
  }
}

function terminals() {
  const row = (id, name, more) => ({
    id, name, incarnation: 1, connected: true, connected_since_us: started, last_contact_us: us() - 300_000, clock_skew_ms: 12, unsynced_records: 0,
    oldest_unsynced_age_s: null, software: '0.1.0', received_seq: '118', applied_seq: '118', archived_seq: '0', quarantined: false, ...more,
  })
  return {
    now_us: us(),
    terminals: [
      row(101, '一号收银台'),
      row(102, '二号收银台', { unsynced_records: 2, oldest_unsynced_age_s: 4, received_seq: '64', applied_seq: '62' }),
      row(103, '三号收银台', { clock_skew_ms: -187_000, received_seq: '31', applied_seq: '31', incarnation: 2 }),
      row(104, '四号收银台', { connected: false, last_contact_us: us() - 9_200_000_000, clock_skew_ms: null, unsynced_records: null, received_seq: '9', applied_seq: '9', software: '0.1.0' }),
    ],
    refused: [
      { at_us: us() - 64_000_000, peer: '192.168.1.37:50122', terminal: 102, code: 'identity_in_use', count: 4, text_zh: '另一台终端正以同一身份连接。', text_en: 'Another terminal is connected under this identity.', what_to_do_zh: '请检查是否有设备使用了复制的存储卡；其中一台需要重新登记。', what_to_do_en: 'Look for a copied card; one of the two must be enrolled again.' },
      { at_us: us() - 3_500_000_000, peer: '192.168.1.90:41222', terminal: null, code: 'certificate_refused', count: 1, text_zh: '对方没有出示本系统签发的证书。', text_en: 'The peer showed no certificate of ours.', what_to_do_zh: '如果是新终端，请先登记。', what_to_do_en: 'Enrol it first if it is a new terminal.' },
    ],
  }
}

const setup = {
  language: 'zh-CN',
  network: { managed: process.env.MOCK_MANAGED === '1', interfaces: [{ name: 'eth0', mac: '52:54:00:12:34:56', up: true, addresses: ['192.168.1.20/24', 'fe80::5054:ff:fe12:3456/64'] }, { name: 'eth1', mac: '52:54:00:12:34:57', up: false, addresses: [] }], mode: 'dhcp', interface: 'eth0', address: null, router: '192.168.1.1', dns: ['192.168.1.1'] },
  oa: null,
  enrolment: { state: 'none', serial: 'TG-000011', fingerprint: null, request_pem: null, request_qr: null, gateway: null, store: null, incarnation: null, not_after_us: null },
  manager: { exists: false, name: null },
  steps: { language: false, network: false, oa: false, enrolment: false, manager: false },
  finished: false,
}
const kPem = `-----BEGIN CERTIFICATE REQUEST-----\n${'MIHnMIGOAgEAMCwxEjAQBgNVBAMMCWdhdGV3YXkgMTFZMBMGByqGSM49AgEGCCqG\n'.repeat(5)}-----END CERTIFICATE REQUEST-----\n`

export function storeRoutes(session) {
  const done = (step, more) => {
    setup.steps[step] = true
    return Object.assign(setup, more)
  }
  return {
    'GET /api/store/overview': overview,
    'GET /api/store/terminals': terminals,
    'GET /api/store/events': (_body, { response }) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
      const tell = () => response.write(`event: overview\ndata: ${JSON.stringify(overview())}\n\nevent: terminals\ndata: ${JSON.stringify(terminals())}\n\n`)
      response.write('retry: 2000\n\n')
      tell()
      const timer = setInterval(tell, 3000)
      response.on('close', () => clearInterval(timer))
      return undefined
    },
    'GET /api/setup': () => setup,
    'POST /api/setup/language': ({ language }) => done('language', { language }),
    'POST /api/setup/network': () => done('network', {}),
    'POST /api/setup/oa': (oa) => done('oa', { oa }),
    'POST /api/setup/enrolment/request': () => Object.assign(setup, { enrolment: { ...setup.enrolment, state: 'requested', fingerprint: kFingerprint, request_pem: kPem, request_qr: `TALLY-CSR:TG-000011:${kFingerprint}${kFingerprint}` } }),
    'POST /api/setup/enrolment/certificate': ({ pem }) =>
      pem.includes('CERTIFICATE')
        ? done('enrolment', { enrolment: { ...setup.enrolment, state: 'enrolled', gateway: 11, store: 1, incarnation: 1, not_after_us: us() + 7.7e12 } })
        : { status: 400, body: { error: { code: 'bad_certificate', message_zh: '这不是给本机的证书。', message_en: 'This certificate is not for this box.', what_to_do_zh: '请核对公钥指纹，向总部重新索取。', what_to_do_en: 'Compare the fingerprint and ask the office again.' } } },
    'POST /api/setup/manager': ({ name }) => {
      session.user = { name, role: 'manager' }
      return done('manager', { manager: { exists: true, name } })
    },
    'POST /api/setup/finish': () => {
      session.setup_required = false
      return Object.assign(setup, { finished: true })
    },
  }
}
