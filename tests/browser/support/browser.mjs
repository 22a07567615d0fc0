// Chromium without its helpers that call home, and pages that record everything that goes wrong on them.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(join(import.meta.dirname, '../../../web/package.json'))
const { chromium } = require('playwright-core')
const axe = require('axe-core')

const kFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const kWaitMs = 10_000

export async function startBrowser(executablePath, shots) {
  mkdirSync(shots, { recursive: true })
  const browser = await chromium.launch({ executablePath, args: kFlags })
  const wrong = []
  const pages = new Set()

  /** A page in a browser of its own (no cookies). `allow` lists statuses that this page may get. */
  async function open(link, { allow = [], language = 'zh-CN', size = { width: 1280, height: 860 } } = {}) {
    const context = await browser.newContext({ viewport: size, locale: language, acceptDownloads: true })
    const page = await context.newPage()
    page.setDefaultTimeout(kWaitMs)
    pages.add(page)
    const allowed = new Set(allow)
    const host = new URL(link).host
    page.on('pageerror', (error) => wrong.push(`page error: ${error.stack ?? error.message}`))
    page.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return
      const status = /status of (\d+)/.exec(message.text())
      if (status && allowed.has(Number(status[1]))) return
      wrong.push(`console ${message.type()}: ${message.text()} ${message.location().url}`)
    })
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (['http:', 'https:', 'ws:'].includes(url.protocol) && url.host !== host) wrong.push(`asked another host: ${request.url()}`)
    })
    await page.goto(link)
    return Object.assign(page, {
      /** From here on these statuses are expected. */
      allow: (...more) => more.forEach((status) => allowed.add(status)),
      origin: `http://${host}`,
    })
  }

  return {
    open,
    /** Fails when anything went wrong on any page since the last time. */
    async checkClean() {
      assert.deepEqual(wrong.splice(0), [])
    },
    /** What axe-core finds wrong for readers who cannot see or use a mouse, and parts that were not drawn. */
    async checkAccessible(page) {
      const strange = await page.evaluate(() => [...document.body.querySelectorAll('*')].map((e) => e.localName).filter((n) => n.includes('-')))
      assert.deepEqual(strange, [], 'components that the page does not know')
      await page.waitForFunction(() => document.querySelector('.el-skeleton, .is-loading') === null)
      // What is still fading in has not its colours yet, and what was just put in begins to fade only two frames later.
      await page.evaluate(async () => {
        const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))
        for (let stillFrames = 0; stillFrames < 3; stillFrames += 1) {
          await nextFrame()
          const running = document.getAnimations().filter((one) => one.playState === 'running')
          const ending = running.filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
          if (ending.length > 0) stillFrames = 0
          await Promise.allSettled(ending.map((one) => one.finished))
        }
      })
      await page.evaluate(axe.source)
      const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
      const told = found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}`))
      assert.deepEqual(told, [])
    },
    async shoot(name) {
      let number = 0
      for (const page of pages) {
        if (page.isClosed()) continue
        number += 1
        await page.screenshot({ path: join(shots, `failed-${name}-${number}.png`) }).catch(() => {})
      }
    },
    close: () => browser.close(),
  }
}

/** Text of an element once it fits; fails with what it was last. */
export async function waitText(page, selector, wanted, timeoutMs = kWaitMs) {
  const fits = (text) => (wanted instanceof RegExp ? wanted.test(text) : text === wanted)
  const end = performance.now() + timeoutMs
  let last = null
  while (performance.now() < end) {
    last = await page.locator(selector).first().textContent({ timeout: timeoutMs }).then((text) => text.trim(), () => null)
    if (last !== null && fits(last)) return last
    await page.waitForTimeout(50)
  }
  return assert.fail(`${selector}: wanted ${wanted}, last seen ${JSON.stringify(last)}`)
}

/** Waits for the notice that tells of the problem `code`, whatever other notices are still shown; its sentence. */
export async function readToast(page, code) {
  const toast = page.locator('.toast-problem', { has: page.locator(`[data-code="${code}"]`) }).last()
  await toast.waitFor()
  return (await toast.locator('.el-notification__title').textContent()).trim()
}

/** A request as a hostile page or a broken client would send it: status and body. */
export async function rawRequest(page, method, path, { headers = {}, data = undefined } = {}) {
  const answer = await page.request.fetch(`${page.origin}${path}`, { method, headers, data, failOnStatusCode: false })
  const text = await answer.text()
  let body = null
  try {
    body = JSON.parse(text)
  } catch {
    // Not JSON: the status tells enough.
  }
  return { status: answer.status(), body, headers: answer.headers() }
}
