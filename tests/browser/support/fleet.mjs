// The store behind the pages: tests/support/fleet.py --hold, which ends when its standard input closes.
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = join(import.meta.dirname, '../../..')
const kStartMs = 60_000
const kStopMs = 20_000

/** {links: {terminal, gateway, oa}, pids, stop(showLogs)}. Rejects when the programs do not come up. */
export async function startFleet(bin, web) {
  const child = spawn('/usr/bin/python3', [join(root, 'tests/support/fleet.py'), '--hold', '--bin', bin, '--web', web], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
  const line = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the programs were not up in time')), kStartMs)
    createInterface({ input: child.stdout }).once('line', (text) => {
      clearTimeout(timer)
      resolve(text)
    })
    void ended.then((code) => reject(new Error(`fleet.py ended early with ${code}`)))
  }).catch((error) => {
    child.stdin.end()
    throw error
  })
  const { root: folder, pids, ...links } = JSON.parse(line)

  function printLogs() {
    for (const name of readdirSync(join(folder, 'logs'))) {
      const lines = readFileSync(join(folder, 'logs', name), 'utf8').trimEnd().split('\n')
      console.log(`--- ${name} (last ${Math.min(25, lines.length)} of ${lines.length} lines)\n${lines.slice(-25).join('\n')}`)
    }
  }

  return {
    links,
    pids,
    async stop(showLogs) {
      if (showLogs) {
        try {
          printLogs()
        } catch {
          console.log('the logs could not be read')
        }
      }
      child.stdin.end()
      const late = setTimeout(() => child.kill('SIGKILL'), kStopMs)
      const code = await ended
      clearTimeout(late)
      if (code !== 0) throw new Error(`fleet.py ended with ${code}`)
    },
  }
}
