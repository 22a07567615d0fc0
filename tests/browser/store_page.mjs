// The gateway's page: the day's figures after a sale, terminals, set-up of the manager, refusals.
import assert from 'node:assert/strict'
import { rawRequest, waitText } from './support/browser.mjs'

const kX = { 'X-Tally': '1', 'Content-Type': 'application/json' }
const kPassword = '三只白鹭 on a jetty'
const shared = { page: null, till: null }

export const cases = [
  [
    'the one-time link opens the page and is used up',
    async ({ fleet, browser }) => {
      shared.page = await browser.open(fleet.links.gateway)
      await shared.page.waitForSelector('[data-testid="user"]')
      const again = await browser.open(fleet.links.gateway, { allow: [401] })
      await again.waitForSelector('[data-code="token_used"]')
      await again.close()
    },
  ],
  [
    'uplink, terminal and an empty queue are shown',
    async () => {
      const { page } = shared
      await page.goto(`${page.origin}/#/`)
      await waitText(page, '[data-testid="uplink"]', '已连接')
      await page.waitForSelector('tr[data-terminal="101"]')
      await waitText(page, 'tr[data-terminal="101"]', /在线/)
      await waitText(page, '[data-testid="queue"]', /^0/)
    },
  ],
  [
    'a sale at the till shows in the figures of the day without reloading',
    async ({ fleet, browser }) => {
      const { page } = shared
      const office = await browser.open(fleet.links.oa)
      await office.waitForSelector('[data-testid="members"]')
      const enrolled = await rawRequest(office, 'POST', '/api/members', {
        headers: kX,
        data: JSON.stringify({ name: '李明', phone: null, language: 'zh-CN' }),
      })
      assert.equal(enrolled.status, 201, JSON.stringify(enrolled.body))
      const before = Number((await page.locator('[data-testid="sales"]').textContent()).replaceAll(',', ''))
      const till = await browser.open(fleet.links.terminal)
      await till.waitForSelector('[data-screen="idle"]')
      await till.keyboard.type('30')
      await till.keyboard.press('Enter')
      await till.waitForSelector('[data-screen="scan"]')
      await till.fill('#scan-text', enrolled.body.card.qr_text)
      await till.keyboard.press('Enter')
      await till.waitForSelector('[data-screen="member"]')
      await till.keyboard.press('Enter')
      await till.waitForSelector('[data-screen="result"][data-result="approved"]')
      await waitText(page, '[data-testid="sales"]', String(before + 1))
      await waitText(page, '[data-testid="accrued"]', /^[1-9]/)
      const received = Number(await page.locator('tr[data-terminal="101"] [data-testid="received"]').textContent())
      assert.ok(received >= 1)
      await waitText(page, 'tr[data-terminal="101"] [data-testid="applied"]', String(received))
      await till.close()
      await office.close()
    },
  ],
  [
    'the set-up makes the first manager, who can sign in with the password',
    async ({ browser }) => {
      const { page } = shared
      await page.goto(`${page.origin}/#/setup`)
      await page.click('[data-step="manager"]')
      await page.fill('#manager-name', '王店长')
      await page.fill('#manager-password', 'short')
      await page.fill('#manager-repeat', 'short')
      await page.getByRole('button', { name: '创建店长' }).click()
      await page.getByText('密码至少需要 10 个字符。').waitFor()
      await page.fill('#manager-password', kPassword)
      await page.fill('#manager-repeat', kPassword)
      await page.getByRole('button', { name: '创建店长' }).click()
      await waitText(page, '[data-testid="user"]', '王店长')

      const other = await browser.open(`${page.origin}/`, { allow: [401] })
      await other.fill('#sign-in-name', '王店长')
      await other.fill('#sign-in-password', 'not the password')
      await other.keyboard.press('Enter')
      await other.waitForSelector('[data-code="wrong_password"]')
      await other.fill('#sign-in-password', kPassword)
      await other.keyboard.press('Enter')
      await waitText(other, '[data-testid="user"]', '王店长')
      await other.getByRole('button', { name: '退出登录' }).click()
      await other.waitForSelector('#sign-in-name')
      assert.equal((await rawRequest(other, 'GET', '/api/store/overview')).status, 401)
      await other.close()
    },
  ],
  [
    'requests without session, header or sense are refused with a code and sentences',
    async ({ browser }) => {
      const { page } = shared
      const stranger = await browser.open(`${page.origin}/`)
      const refused = await rawRequest(stranger, 'GET', '/api/store/terminals')
      assert.equal(refused.status, 401)
      assert.equal(refused.body.error.code, 'signed_out')
      assert.ok(refused.body.error.message_zh && refused.body.error.message_en && refused.body.error.what_to_do_zh)
      await stranger.close()
      const language = { data: '{"language":"en"}' }
      const csrf = await rawRequest(page, 'POST', '/api/setup/language', { ...language, headers: { 'Content-Type': 'application/json' } })
      assert.deepEqual([csrf.status, csrf.body.error.code], [403, 'csrf'])
      const foreign = await rawRequest(page, 'POST', '/api/setup/language', { ...language, headers: { ...kX, Origin: 'http://evil.example' } })
      assert.deepEqual([foreign.status, foreign.body.error.code], [403, 'csrf'])
      for (const data of ['{"language":"tlh"}', '{"language":"en","extra":1}', '{"language":', '[]', '"x"']) {
        assert.equal((await rawRequest(page, 'POST', '/api/setup/language', { headers: kX, data })).status, 400, data)
      }
      assert.equal((await rawRequest(page, 'POST', '/api/setup/language', { headers: kX, data: `{"language":"${'x'.repeat(70_000)}"}` })).status, 413)
      const pem = { headers: kX, data: JSON.stringify({ pem: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }) }
      assert.ok([400, 409].includes((await rawRequest(page, 'POST', '/api/setup/enrolment/certificate', pem)).status))
      const second = { headers: kX, data: JSON.stringify({ name: 'x', password: '0123456789' }) }
      assert.equal((await rawRequest(page, 'POST', '/api/setup/manager', second)).status, 409)
    },
  ],
  [
    'answers carry the headers that keep other pages out',
    async () => {
      const { page } = shared
      const { headers } = await rawRequest(page, 'GET', '/')
      assert.match(headers['content-security-policy'], /default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;/)
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.match((await rawRequest(page, 'GET', '/api/session')).headers['cache-control'], /no-store/)
    },
  ],
  [
    'the page is usable without eyes or mouse, and in English',
    async ({ browser }) => {
      const { page } = shared
      await page.goto(`${page.origin}/#/`)
      await page.waitForSelector('tr[data-terminal="101"]')
      await browser.checkAccessible(page)
      await page.goto(`${page.origin}/#/setup`)
      await page.waitForSelector('[data-step="enrolment"]')
      for (const step of ['language', 'network', 'oa', 'enrolment', 'manager', 'finish']) {
        await page.click(`[data-step="${step}"]`)
        await page.waitForSelector(`[data-step="${step}"][aria-current="step"]`)
        await browser.checkAccessible(page)
      }
      await page.goto(`${page.origin}/#/`)
      await page.getByRole('button', { name: 'Switch to English' }).click()
      await waitText(page, '[data-testid="uplink"]', 'Connected')
    },
  ],
]
