// Live values: server-sent events where they come through, else asking again on a timer. A value
// that is no longer fresh stays on the screen and says so.
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { asProblem, type Problem } from './client.ts'

export interface Live<T> {
  value: ShallowRef<T | null>
  problem: ShallowRef<Problem | null>
  /** The last attempt failed: what is shown is old. */
  stale: Ref<boolean>
  refresh: () => Promise<void>
  /** A newer value that came another way. */
  take: (value: T) => void
}

/** Asks at once, then every `everyMs()` while the page is visible. */
export function usePolled<T>(read: () => Promise<T>, everyMs: () => number): Live<T> {
  const value = shallowRef<T | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const stale = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let ended = false
  let round = 0

  async function refresh(): Promise<void> {
    clearTimeout(timer)
    const mine = ++round
    try {
      const answer = await read()
      if (mine !== round || ended) return
      value.value = answer
      problem.value = null
      stale.value = false
    } catch (thrown) {
      if (mine !== round || ended) return
      problem.value = asProblem(thrown)
      stale.value = value.value !== null
    }
    if (!ended && !document.hidden) timer = setTimeout(refresh, everyMs())
  }

  const onVisible = () => {
    if (!document.hidden) void refresh()
  }
  document.addEventListener('visibilitychange', onVisible)
  onScopeDispose(() => {
    ended = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisible)
  })
  const take = (newer: T) => {
    round += 1
    value.value = newer
    problem.value = null
    stale.value = false
    clearTimeout(timer)
    if (!ended && !document.hidden) timer = setTimeout(refresh, everyMs())
  }
  void refresh()
  return { value, problem, stale, refresh, take }
}

/**
 * Listens to the named events of one stream; each handler gets the parsed data. `onState` hears
 * whether the stream is open. Reconnects by itself. Returns the function that ends it.
 */
export function listen(
  path: string,
  handlers: Record<string, (data: never) => void>,
  onState: (open: boolean) => void = () => {},
): () => void {
  let source: EventSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let ended = false

  const open = () => {
    source = new EventSource(path)
    source.onopen = () => onState(true)
    source.onerror = () => {
      onState(false)
      // A refused stream (401, 503) is closed for good by the browser: try again ourselves.
      if (source?.readyState === EventSource.CLOSED && !ended) {
        source.close()
        clearTimeout(timer)
        timer = setTimeout(open, 2000)
      }
    }
    for (const [name, handler] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => {
        try {
          handler(JSON.parse((event as MessageEvent<string>).data) as never)
        } catch {
          onState(false)
        }
      })
    }
  }
  open()
  return () => {
    ended = true
    clearTimeout(timer)
    source?.close()
  }
}

/** The server's time now, ticking each second between answers; follows `nowUs` when it changes. */
export function useServerClock(nowUs: () => number | undefined): Ref<number> {
  const now = ref(Date.now() * 1000)
  let base: { serverUs: number; atMs: number } | null = null
  const tick = () => {
    const serverUs = nowUs()
    if (serverUs !== undefined && base?.serverUs !== serverUs) base = { serverUs, atMs: performance.now() }
    now.value = base ? base.serverUs + Math.round((performance.now() - base.atMs) * 1000) : Date.now() * 1000
  }
  const timer = setInterval(tick, 1000)
  watch(nowUs, tick, { immediate: true })
  onScopeDispose(() => clearInterval(timer))
  return now
}
