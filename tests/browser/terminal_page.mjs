// The terminal's page: a member enrolled at the OA is scanned, earns and redeems; what must be refused is.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readToast, rawRequest, waitText } from './support/browser.mjs'
import { comparePicture, difference, pixelsOf } from './support/pictures.mjs'

const kX = { 'X-Tally': '1', 'Content-Type': 'application/json' }

async function atScreen(page, screen) {
  await page.waitForSelector(`[data-screen="${screen}"]`).catch(async (error) => {
    const seen = await page.locator('.device').evaluate((device) => ({ ...device.dataset }))
    throw new Error(`wanted screen ${screen}, seen ${JSON.stringify(seen)}`, { cause: error })
  })
}

async function display(page) {
  const answer = await page.request.get(`${page.origin}/api/display.png`)
  assert.equal(answer.status(), 200)
  return answer.body()
}

async function state(page) {
  const answer = await page.request.get(`${page.origin}/api/state`)
  return answer.json()
}

async function stateBecomes(page, fits) {
  const end = performance.now() + 10_000
  let seen = null
  while (performance.now() < end) {
    seen = await state(page)
    if (fits(seen)) return seen
    await page.waitForTimeout(40)
  }
  return assert.fail(`the terminal's state never fitted ${fits}; last ${JSON.stringify(seen)}`)
}

/** Types with the keyboard, as a cashier would. */
async function type(page, keys) {
  for (const key of keys) await page.keyboard.press(key === '.' ? 'Period' : key)
}

async function dropOn(page, selector, { picture, text }) {
  const transfer = await page.evaluateHandle(
    ({ picture, text }) => {
      const data = new DataTransfer()
      if (picture) data.items.add(new File([Uint8Array.from(atob(picture), (c) => c.charCodeAt(0))], 'card.png', { type: 'image/png' }))
      if (text) data.setData('text/plain', text)
      return data
    },
    { picture: picture?.toString('base64'), text },
  )
  await page.dispatchEvent(selector, 'dragover', { dataTransfer: transfer })
  await page.dispatchEvent(selector, 'drop', { dataTransfer: transfer })
}

async function backToIdle(page) {
  for (let i = 0; i < 6 && (await state(page)).screen !== 'idle'; i += 1) await type(page, ['Escape'])
  await atScreen(page, 'idle')
}

const shared = { page: null, card: null, qrPicture: null, member: null }

export const cases = [
  [
    'the one-time link opens the page; a second use and a wrong link say why not',
    async ({ fleet, browser }) => {
      const link = fleet.links.terminal
      assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/welcome#[A-Za-z0-9_-]{43}$/)
      shared.page = await browser.open(link)
      await atScreen(shared.page, 'idle')
      assert.equal(new URL(shared.page.url()).hash.includes(link.split('#')[1]), false, 'the token stays in the address')

      const again = await browser.open(link, { allow: [401] })
      await again.waitForSelector('[data-code="token_used"]')
      assert.equal((await again.request.get(`${again.origin}/api/info`)).status(), 401)
      const wrong = await browser.open(`${link.split('#')[0]}#${'A'.repeat(43)}`, { allow: [401] })
      await wrong.waitForSelector('[data-code="token_unknown"]')
      await again.close()
      await wrong.close()
    },
  ],
  [
    'the OA enrols a member and the page gives the card as a picture',
    async ({ fleet, browser }) => {
      const office = await browser.open(fleet.links.oa)
      await office.waitForSelector('[data-testid="members"]')
      await office.goto(`${office.origin}/#/members/new`)
      await office.fill('#enrol-name', '张小满')
      await office.fill('#enrol-phone', '138 0013 8000')
      await office.keyboard.press('Enter')
      const code = office.locator('[data-testid="enrolled"] [data-qr]')
      shared.card = await code.getAttribute('data-qr')
      const saved = office.waitForEvent('download')
      await office.getByRole('button', { name: '保存图片' }).click()
      shared.qrPicture = readFileSync(await (await saved).path())
      shared.office = office
    },
  ],
  [
    'a sale of 128.50: the dropped picture is scanned, points are earned, the display is as stored',
    async () => {
      const { page } = shared
      await type(page, [...'128.50'])
      await atScreen(page, 'amount')
      await comparePicture('amount', () => display(page))
      await type(page, ['Enter'])
      await atScreen(page, 'scan')
      await comparePicture('scan', () => display(page))
      await dropOn(page, '[data-testid="scan-zone"]', { picture: shared.qrPicture })
      await atScreen(page, 'member')
      await comparePicture('member', () => display(page))
      await type(page, ['Enter'])
      await atScreen(page, 'result')
      const seen = await state(page)
      assert.equal(seen.result, 'approved')
      assert.equal(seen.bill, 12850)
      assert.ok(seen.earned > 0)
      assert.equal(seen.balance, seen.earned)
      await comparePicture('earned', () => display(page))
      shared.earned = seen.earned
    },
  ],
  [
    'the page shows the very pixels of the display, and the comparison would notice another screen',
    async () => {
      const { page } = shared
      const served = pixelsOf(await display(page))
      await page.waitForFunction(async () => {
        const canvas = document.querySelector('[data-testid="display"]')
        const before = canvas.dataset.frame
        await new Promise((resolve) => setTimeout(resolve, 200))
        return before !== undefined && before === canvas.dataset.frame
      })
      const shown = pixelsOf(
        Buffer.from(await page.evaluate(() => document.querySelector('[data-testid="display"]').toDataURL().split(',')[1]), 'base64'),
      )
      let differing = 0
      for (let i = 40 * served.width * 4; i < served.data.length; i += 4) {
        if (shown.data.compare(served.data, i, i + 3, i, i + 3) !== 0) differing += 1
      }
      assert.equal(differing, 0)
      const stored = (name) => readFileSync(new URL(`./pictures/${name}.png`, import.meta.url))
      assert.ok(difference(stored('scan'), stored('member')) > 0.05)
      assert.ok(difference(stored('member'), stored('earned')) > 0.05)
    },
  ],
  [
    'the receipt comes out of the printer and can be torn off',
    async () => {
      const { page } = shared
      const paper = page.locator('[data-testid="paper"]')
      await paper.waitFor()
      assert.ok((await paper.evaluate((image) => image.naturalHeight)) > 100)
      assert.match(await paper.getAttribute('alt'), /101-\d+-\d+/)
      await page.click('[data-testid="tear"]')
      await paper.waitFor({ state: 'detached' })
    },
  ],
  [
    'a second sale redeems, by keyboard and pasted text alone',
    async () => {
      const { page } = shared
      await backToIdle(page)
      await type(page, [...'100', 'Enter'])
      await atScreen(page, 'scan')
      await page.keyboard.press('c')
      await page.keyboard.type(shared.card)
      await page.keyboard.press('Enter')
      await atScreen(page, 'member')
      await type(page, ['r'])
      await atScreen(page, 'redeem')
      await type(page, ['5', '0'])
      await stateBecomes(page, (s) => s.typed === '50')
      await comparePicture('redeem', () => display(page))
      await type(page, ['Enter'])
      await atScreen(page, 'result')
      const seen = await state(page)
      assert.equal(seen.result, 'approved')
      assert.equal(seen.redeemed, 50)
      assert.equal(seen.balance, shared.earned - 50 + seen.earned)
      shared.balance = seen.balance
      await comparePicture('redeemed', () => display(page))
    },
  ],
  [
    'the OA shows the balance and both sales',
    async () => {
      const { office } = shared
      await office.goto(`${office.origin}/#/members?q=${encodeURIComponent(shared.card)}`)
      await office.locator('[data-member] a').first().click()
      await waitText(office, '[data-testid="available"]', String(shared.balance).replace(/\B(?=(\d{3})+$)/g, ','))
      await office.locator('tr[data-kind="accrual"]').first().waitFor()
      assert.ok((await office.locator('tr[data-kind="redemption"]').count()) >= 1)
    },
  ],
  [
    'unknown codes, payment codes and pictures without a code: one clear sentence each',
    async () => {
      const { page } = shared
      page.allow(409, 422)
      await backToIdle(page)
      await type(page, ['8', 'Enter'])
      await atScreen(page, 'scan')
      for (const [text, message] of [
        ['not a member code', 'unknown_code'],
        ['134512345678901234', 'pay_code'],
      ]) {
        await dropOn(page, '[data-testid="scan-zone"]', { text })
        await page.waitForSelector(`[data-message="${message}"]`)
        await type(page, ['Enter'])
        await page.waitForFunction(() => !document.querySelector('[data-screen="message"]'))
        if ((await state(page)).screen === 'idle') {
          await type(page, ['8', 'Enter'])
          await atScreen(page, 'scan')
        }
      }
      const blank = await page.evaluate(async () => {
        const canvas = document.createElement('canvas')
        canvas.width = canvas.height = 64
        canvas.getContext('2d').fillRect(0, 0, 32, 64)
        return canvas.toDataURL('image/png').split(',')[1]
      })
      await dropOn(page, '[data-testid="scan-zone"]', { picture: Buffer.from(blank, 'base64') })
      assert.notEqual(await readToast(page, 'no_code'), '')
    },
  ],
  [
    'an unplugged scanner and missing paper are said, no sale is lost',
    async () => {
      const { page } = shared
      await backToIdle(page)
      await page.click('[data-testid="scanner-plug"]')
      await stateBecomes(page, (s) => s.status.scanner === 'unplugged' && s.message === 'scanner_unplugged')
      await dropOn(page, '[data-testid="scan-zone"]', { picture: shared.qrPicture })
      assert.notEqual(await readToast(page, 'unplugged'), '')
      await page.click('[data-testid="scanner-plug"]')
      await stateBecomes(page, (s) => s.status.scanner === 'ready')
      await backToIdle(page)
      await page.click('[data-testid="paper-switch"]')
      await page.waitForSelector('[data-testid="paper-switch"][aria-checked="false"]')
      await type(page, [...'20', 'Enter'])
      await atScreen(page, 'scan')
      await dropOn(page, '[data-testid="tap-zone"]', { text: shared.card })
      await atScreen(page, 'member')
      await type(page, ['Enter'])
      const sold = await stateBecomes(page, (s) => s.balance !== null && s.balance > shared.balance)
      assert.deepEqual([sold.result, sold.status.paper], ['approved', 'paper_out'])
      await page.click('[data-testid="paper-switch"]')
    },
  ],
  [
    'requests without the page’s header, from another origin or out of bounds change nothing',
    async () => {
      const { page } = shared
      await backToIdle(page)
      const key = { data: '{"key":"7"}' }
      assert.equal((await rawRequest(page, 'POST', '/api/key', { ...key, headers: { 'Content-Type': 'application/json' } })).status, 403)
      assert.equal((await rawRequest(page, 'POST', '/api/key', { ...key, headers: { ...kX, Origin: 'http://evil.example' } })).status, 403)
      assert.equal((await rawRequest(page, 'POST', '/api/key', { headers: kX, data: '{"key":"explode"}' })).status, 400)
      assert.equal((await rawRequest(page, 'POST', '/api/key', { headers: kX, data: '{"key":' })).status, 400)
      assert.equal((await rawRequest(page, 'POST', '/api/scan', { headers: { ...kX, 'Content-Type': 'text/plain' }, data: 'x'.repeat(5000) })).status, 413)
      assert.equal((await rawRequest(page, 'POST', '/api/scan', { headers: { ...kX, 'Content-Type': 'image/png' }, data: 'not a png' })).status, 422)
      assert.equal((await rawRequest(page, 'GET', '/api/nothing')).status, 404)
      assert.equal((await state(page)).screen, 'idle')
    },
  ],
  [
    'the page is usable without eyes or mouse, and in English',
    async ({ browser }) => {
      const { page } = shared
      await browser.checkAccessible(page)
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      await page.getByRole('button', { name: 'Switch to English' }).click()
      await page.getByRole('heading', { name: 'Terminal 101' }).waitFor()
    },
  ],
]
