// The terminal's display compared with stored pictures, tolerant of what fonts of two Debian releases
// differ in, not of anything a cashier would see.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(join(import.meta.dirname, '../../../web/package.json'))
const { PNG } = require('pngjs')
const pixelmatch = require('pixelmatch').default

const kStored = join(import.meta.dirname, '../pictures')
/** The line with link, unsynced records and the time of day: its text depends on the moment. */
const kStatusBarRows = 34
/** Share of pixels that may differ: outlines of another release of the font. */
const kToleranceShare = 0.012
const kWaitMs = 5000
const kAgainMs = 80
/** Before a picture is stored. */
const kSettleMs = 800

let options = { folder: '.', accept: false }
export function setPictureOptions(next) {
  options = next
}

function masked(buffer) {
  const picture = PNG.sync.read(buffer)
  picture.data.fill(0x80, 0, kStatusBarRows * picture.width * 4)
  return picture
}

/** Share of pixels that differ, anti-aliasing left out; 1 when the sizes differ. */
export function difference(a, b, into = null) {
  const [one, two] = [masked(a), masked(b)]
  if (one.width !== two.width || one.height !== two.height) return 1
  const seen = new PNG({ width: one.width, height: one.height })
  const count = pixelmatch(one.data, two.data, seen.data, one.width, one.height, { threshold: 0.16 })
  if (into) writeFileSync(into, PNG.sync.write(seen))
  return count / (one.width * one.height)
}

/**
 * Waits until the display, as `take` reads it, is the stored picture: keys are still on their way when
 * a test looks. Fails after a while, leaving what was seen and the difference beside the logs.
 */
export async function comparePicture(name, take) {
  const stored = join(kStored, `${name}.png`)
  const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  if (options.accept) {
    await rest(kSettleMs)
    mkdirSync(kStored, { recursive: true })
    writeFileSync(stored, await take())
    return
  }
  assert.ok(existsSync(stored), `there is no stored picture ${stored}; see tests/browser/README.md`)
  const end = performance.now() + kWaitMs
  for (;;) {
    const seen = await take()
    const share = difference(readFileSync(stored), seen)
    if (share <= kToleranceShare) return
    if (performance.now() > end) {
      mkdirSync(options.folder, { recursive: true })
      writeFileSync(join(options.folder, `${name}-seen.png`), seen)
      difference(readFileSync(stored), seen, join(options.folder, `${name}-difference.png`))
      assert.fail(`${name}: ${(share * 100).toFixed(2)} % of the display differs from ${stored}; seen: ${options.folder}/${name}-seen.png`)
    }
    await rest(kAgainMs)
  }
}

/** Pixels of the display as the page drew them. */
export function pixelsOf(buffer) {
  return PNG.sync.read(buffer)
}
