// Builds every page, or those named after the output folder: node build.mjs OUTDIR [PAGE...]
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { pageConfig, pages } from './vite.config.mjs'

const [out = resolve(import.meta.dirname, '../build/web'), ...chosen] = process.argv.slice(2)
for (const page of chosen.length > 0 ? chosen : pages) {
  const outDir = join(resolve(out), page)
  rmSync(outDir, { recursive: true, force: true })
  const config = pageConfig(page)
  await build({ ...config, build: { ...config.build, outDir } })
}
