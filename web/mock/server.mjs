// Stand-in servers for developing the pages without the programs: node mock/server.mjs PAGE [PORT] [DIST]
// Follows docs/formats/api.md and terminal-page.md, serves the built files under the same
// Content-Security-Policy, keeps everything in memory. Never part of a product or of the tests.
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { consoleRoutes } from './console.mjs'
import { storeRoutes } from './store.mjs'
import { terminalRoutes } from './terminal.mjs'

const [page = 'store', port = '8701', dist = join(import.meta.dirname, '../../build/web')] = process.argv.slice(2)
const kTypes = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const kPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; " +
  "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
const kToken = 'A'.repeat(43)

const session = {
  service: { terminal: 'terminal', store: 'gateway', console: 'oa' }[page],
  node: { terminal: '终端 101', store: '网关 11', console: 'OA' }[page],
  software: '0.1.0',
  signed_in: true,
  user: { name: '王店长', role: 'manager' },
  setup_required: process.env.MOCK_SETUP === '1',
  password_login: true,
  language: 'zh-CN',
  expires_us: null,
  demo: true,
}
if (process.env.MOCK_SIGNED_OUT === '1') Object.assign(session, { signed_in: false, user: null })

/** A refusal in the form of docs/formats/api.md. */
export function refuse(status, code, zh, en, todoZh, todoEn) {
  return { status, body: { error: { code, message_zh: zh, message_en: en, what_to_do_zh: todoZh, what_to_do_en: todoEn } } }
}

const sessionRoutes = {
  'GET /api/session': () => session,
  'POST /api/session': ({ token }) =>
    token === kToken
      ? Object.assign(session, { signed_in: true, user: { name: '技术员', role: 'setup' } })
      : refuse(401, 'token_used', '这个一次性链接已经用过。', 'This one-time link has been used.', '请重新启动程序取得新的链接。', 'Restart the program to get a new one.'),
  'POST /api/login': ({ password }) =>
    password === 'correct horse'
      ? Object.assign(session, { signed_in: true, user: { name: '王店长', role: 'manager' } })
      : refuse(401, 'wrong_password', '用户名或密码不正确。', 'The name or the password is wrong.', '请检查大小写后重试。', 'Check capitals and try again.'),
  'POST /api/logout': () => Object.assign(session, { signed_in: false, user: null }),
}
const routes = { ...sessionRoutes, ...{ terminal: terminalRoutes, store: storeRoutes, console: consoleRoutes }[page](session) }

function findRoute(method, path) {
  for (const [pattern, handler] of Object.entries(routes)) {
    const [wanted, shape] = pattern.split(' ')
    if (wanted !== method) continue
    const match = new RegExp(`^${shape.replace(/:\w+/g, '([^/]+)')}$`).exec(path)
    if (match) return (body, url, response) => handler(body, { url, ids: match.slice(1), response })
  }
  return null
}

async function api(request, response, url) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const raw = Buffer.concat(chunks)
  const handler = findRoute(request.method, url.pathname)
  if (!handler) return send(response, 404, { error: { code: 'not_found' } })
  if (request.method !== 'GET' && request.headers['x-tally'] !== '1') return send(response, 403, { error: { code: 'csrf' } })
  const isJson = (request.headers['content-type'] ?? '').startsWith('application/json')
  const answer = await handler(isJson ? JSON.parse(raw.toString() || '{}') : { raw, type: request.headers['content-type'] }, url, response)
  if (answer === undefined) return undefined
  if (answer === null) return response.writeHead(204).end()
  return answer.status ? send(response, answer.status, answer.body) : send(response, 200, answer)
}

function send(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(JSON.stringify(body))
}

createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost')
  response.setHeader('Content-Security-Policy', kPolicy)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  if (url.pathname.startsWith('/api/')) return void api(request, response, url).catch((error) => send(response, 500, { error: { code: 'internal', message_en: String(error) } }))
  const isRoute = url.pathname === '/' || /^\/(?!assets\/)[^.]*$/.test(url.pathname)
  const name = normalize(isRoute ? '/index.html' : url.pathname)
  const file = join(dist, page, name)
  if (!existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end()
  response.writeHead(200, { 'Content-Type': kTypes[extname(file)] ?? 'application/octet-stream' })
  createReadStream(file).pipe(response)
}).listen(Number(port), '127.0.0.1', () => console.log(`${page}: http://127.0.0.1:${port}/#/welcome/${kToken}`))
