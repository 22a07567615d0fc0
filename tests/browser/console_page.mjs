// The OA's console: enrol, find, freeze and clear a member; what staff may not do is refused.
import assert from 'node:assert/strict'
import { readToast, rawRequest, waitText } from './support/browser.mjs'

const kX = { 'X-Tally': '1', 'Content-Type': 'application/json' }
const shared = { page: null, id: null, number: null }

async function giveReason(page, button, reason) {
  await page.getByRole('button', { name: button }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  await dialog.getByRole('button', { name: button }).click()
  await dialog.getByText('请填写原因').waitFor()
  await dialog.locator('#reason').fill(reason)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
}

export const cases = [
  [
    'the one-time link opens the overview',
    async ({ fleet, browser }) => {
      shared.page = await browser.open(fleet.links.oa)
      await waitText(shared.page, '[data-testid="members"]', /^\d/)
      await waitText(shared.page, '[data-testid="gateways"]', '1 / 1')
    },
  ],
  [
    'a member is enrolled, found again by phone and name, and shown masked',
    async () => {
      const { page } = shared
      await page.goto(`${page.origin}/#/members/new`)
      await page.getByRole('button', { name: '登记' }).click()
      await page.getByText('请填写姓名').waitFor()
      await page.fill('#enrol-name', '欧阳明月')
      await page.fill('#enrol-phone', '12-34')
      await page.keyboard.press('Enter')
      await page.getByText(/手机号只能是/).waitFor()
      await page.fill('#enrol-phone', '139 1234 5678')
      await page.keyboard.press('Enter')
      await page.waitForSelector('[data-testid="enrolled"]')
      shared.number = await page.locator('[data-testid="enrolled"] [data-qr]').getAttribute('data-qr')
      await page.goto(`${page.origin}/#/members?q=5678`)
      await page.waitForSelector('tr[data-member]')
      shared.id = await page.locator('tr[data-member]').first().getAttribute('data-member')
      const row = await page.locator('tr[data-member]').first().textContent()
      assert.ok(!row.includes('欧阳明月'), 'the full name is in the list')
      assert.ok(!row.includes('13912345678'), 'the full phone number is in the list')
      await page.fill('#member-search', '欧')
      await page.keyboard.press('Enter')
      await page.waitForSelector(`tr[data-member="${shared.id}"]`)
      await page.fill('#member-search', '没有这个人')
      await page.keyboard.press('Enter')
      await page.getByText('没有找到符合“没有这个人”的会员。').waitFor()
    },
  ],
  [
    'the same phone number is refused with what to do',
    async () => {
      const { page } = shared
      page.allow(409)
      await page.goto(`${page.origin}/#/members/new`)
      await page.fill('#enrol-name', '另一个人')
      await page.fill('#enrol-phone', '13912345678')
      await page.keyboard.press('Enter')
      assert.notEqual(await readToast(page, 'phone_taken'), '')
    },
  ],
  [
    'a repeated enrolment with the same key makes one member',
    async () => {
      const { page } = shared
      const request = { headers: { ...kX, 'Idempotency-Key': 'browser-test-1' }, data: JSON.stringify({ name: '何一', phone: null, language: 'en' }) }
      const first = await rawRequest(page, 'POST', '/api/members', request)
      const second = await rawRequest(page, 'POST', '/api/members', request)
      assert.equal(first.status, 201)
      assert.equal(second.body.member.id, first.body.member.id)
      assert.equal(second.body.card.number, first.body.card.number)
    },
  ],
  [
    'freezing and clearing need a reason and show at once',
    async () => {
      const { page } = shared
      await page.goto(`${page.origin}/#/members/${shared.id}`)
      await waitText(page, '[data-testid="available"]', '0')
      await giveReason(page, '冻结', '会员报失')
      await page.waitForSelector('[data-code="frozen"]')
      await waitText(page, '[data-code="frozen"]', /会员报失/)
      await giveReason(page, '解除冻结', '卡已找回')
      await page.waitForSelector('[data-code="frozen"]', { state: 'detached' })
    },
  ],
  [
    'full name and phone are shown only with a reason',
    async () => {
      const { page } = shared
      await giveReason(page, '查看完整姓名和手机号', '会员本人来电核对')
      await page.getByText('欧阳明月').waitFor()
      await page.getByText('13912345678').waitFor()
    },
  ],
  [
    'history, lots and cards open',
    async () => {
      const { page } = shared
      await page.getByRole('tab', { name: '积分批次' }).click()
      await page.getByText(/没有积分批次|先到期的先用/).first().waitFor()
      await page.getByRole('tab', { name: '会员卡' }).click()
      await page.waitForSelector('[data-card]')
      await page.goto(`${page.origin}/#/stores`)
      await page.waitForSelector('[data-store]')
      await page.goto(`${page.origin}/#/quarantine`)
      await page.getByText('没有待处理的记录。').waitFor()
    },
  ],
  [
    'requests without session, header or sense are refused',
    async ({ browser }) => {
      const { page } = shared
      const stranger = await browser.open(`${page.origin}/`)
      for (const path of ['/api/overview', '/api/members', `/api/members/${shared.id}`, `/api/members/${shared.id}/history`, '/api/quarantine']) {
        assert.equal((await rawRequest(stranger, 'GET', path)).status, 401, path)
      }
      await stranger.close()
      const enrol = { data: JSON.stringify({ name: 'x', phone: null, language: 'en' }) }
      const csrf = await rawRequest(page, 'POST', '/api/members', { ...enrol, headers: { 'Content-Type': 'application/json' } })
      assert.deepEqual([csrf.status, csrf.body.error.code], [403, 'csrf'])
      for (const [path, data] of [
        ['/api/members', '{"name":"","phone":null,"language":"en"}'],
        ['/api/members', '{"name":"x","phone":"abc","language":"en"}'],
        ['/api/members', '{"name":"x","phone":null,"language":"en","points":1000}'],
        ['/api/members', `{"name":"${'x'.repeat(65)}","phone":null,"language":"en"}`],
        [`/api/members/${shared.id}/freeze`, '{"reason":""}'],
        [`/api/members/${shared.id}/freeze`, '{}'],
      ]) {
        assert.equal((await rawRequest(page, 'POST', path, { headers: kX, data })).status, 400, data)
      }
      assert.equal((await rawRequest(page, 'POST', `/api/members/${shared.id}/clear`, { headers: kX, data: '{"reason":"x"}' })).status, 409)
      for (const path of ['/api/members/999999999', '/api/members/not-a-number', "/api/members/1'%20OR%201=1"]) {
        assert.ok([400, 404].includes((await rawRequest(page, 'GET', path)).status), path)
      }
      for (const path of ['/api/members?limit=0', '/api/members?limit=101', '/api/members?cursor=nonsense', `/api/members?query=${'9'.repeat(200)}`]) {
        assert.equal((await rawRequest(page, 'GET', path)).status, 400, path)
      }
    },
  ],
  [
    'the pages are usable without eyes or mouse, and in English',
    async ({ browser }) => {
      const { page } = shared
      for (const [path, heading] of [
        ['', '概况'],
        ['members', '会员'],
        [`members/${shared.id}`, '普通'],
        ['members/new', '登记新会员'],
        ['stores', '门店'],
        ['quarantine', '待处理的记录'],
      ]) {
        await page.goto(`${page.origin}/#/${path}`)
        await page.getByRole('heading', { level: 1, name: heading }).waitFor()
        await browser.checkAccessible(page)
      }
      await page.getByRole('button', { name: 'Switch to English' }).click()
      await page.getByRole('heading', { name: 'Records to settle' }).waitFor()
    },
  ],
]
