// Browser tests: node run.mjs terminal|store|console [--bin DIR] [--web DIR] [--shots DIR]
//                                                    [--accept-pictures]
// Starts the three real programs through tests/support/fleet.py --hold, opens their pages in Chromium, plays
// one page's cases in order and ends with 0 (all passed), 1 (one failed) or 77 (no Chromium: skipped).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startBrowser } from './support/browser.mjs'
import { startFleet } from './support/fleet.mjs'
import { setPictureOptions } from './support/pictures.mjs'

const root = join(import.meta.dirname, '../..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    bin: { type: 'string', default: join(root, 'build/bin') },
    web: { type: 'string', default: join(root, 'build/web') },
    shots: { type: 'string', default: join(root, 'build/browser') },
    'accept-pictures': { type: 'boolean', default: false },
  },
})
const [page] = positionals
if (!['terminal', 'store', 'console'].includes(page)) {
  console.error('usage: run.mjs terminal|store|console [--bin DIR] [--web DIR] [--shots DIR] [--accept-pictures]')
  process.exit(2)
}

const chromium = [process.env.TALLY_CHROMIUM, '/usr/bin/chromium'].find((path) => path && existsSync(path))
if (!chromium) {
  console.error('SKIPPED: Chromium is not installed, so the pages were NOT tested. Install it: apt-get install chromium')
  process.exit(77)
}
if (!existsSync(join(values.web, page, 'index.html'))) {
  console.error(`The pages are not built in ${values.web}. Build them: web/build.sh ${values.web}`)
  process.exit(1)
}
setPictureOptions({ folder: values.shots, accept: values['accept-pictures'] })

const { cases } = await import(`./${page}_page.mjs`)
let failed = 0
let fleet = null
let browser = null
try {
  fleet = await startFleet(values.bin, values.web)
  browser = await startBrowser(chromium, values.shots)
  const context = { fleet, browser }
  for (const [name, play] of cases) {
    const begun = performance.now()
    try {
      await play(context)
      await browser.checkClean()
      console.log(`✓ ${page}: ${name} (${Math.round(performance.now() - begun)} ms)`)
    } catch (error) {
      failed += 1
      console.log(`✗ ${page}: ${name}\n${error.stack ?? error}`)
      await browser.shoot(`${page}-${cases.findIndex(([one]) => one === name) + 1}`)
      break // Each case goes on from where the one before it ended.
    }
  }
} catch (error) {
  failed += 1
  console.log(`✗ ${page}: starting\n${error.stack ?? error}`)
} finally {
  await browser?.close()
  await fleet?.stop(failed > 0)
}
console.log(failed === 0 ? `${page}: ${cases.length} cases passed` : `${page}: ${failed} failed; pictures in ${values.shots}`)
process.exit(failed === 0 ? 0 : 1)
