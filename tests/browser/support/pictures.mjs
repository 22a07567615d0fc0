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

/** Fails when the picture is not the stored one; leaves both and their difference beside the logs. */
export function comparePicture(name, buffer) {
  const stored = join(kStored, `${name}.png`)
  mkdirSync(options.folder, { recursive: true })
  if (options.accept) {
    mkdirSync(kStored, { recursive: true })
    writeFileSync(stored, buffer)
    return
  }
  assert.ok(existsSync(stored), `there is no stored picture ${stored}; see tests/browser/README.md`)
  const share = difference(readFileSync(stored), buffer, join(options.folder, `${name}-difference.png`))
  if (share <= kToleranceShare) return
  writeFileSync(join(options.folder, `${name}-seen.png`), buffer)
  assert.fail(`${name}: ${(share * 100).toFixed(2)} % of the display differs from ${stored}; seen: ${options.folder}/${name}-seen.png`)
}

/** Pixels of the display as the page drew them. */
export function pixelsOf(buffer) {
  return PNG.sync.read(buffer)
}
