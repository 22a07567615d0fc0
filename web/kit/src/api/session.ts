// Who is signed in, and the ways in: one-time link, password. One session a page.
import { computed, shallowReactive } from 'vue'
import { ask, asProblem, type Problem } from './client.ts'
import type { Language, Service, Session } from './types.ts'

export type Gate = 'checking' | 'in' | 'out' | 'unreachable'

const state = shallowReactive({
  session: null as Session | null,
  gate: 'checking' as Gate,
  /** Why the last attempt to come in failed. */
  problem: null as Problem | null,
})

/** The token of a one-time link, from the part after '#'; null when there is none. */
export function tokenFromHash(hash: string): string | null {
  return /^#\/?(?:welcome[/=#]|token=)?([A-Za-z0-9_-]{32,64})$/.exec(hash)?.[1] ?? null
}

function take(session: Session): void {
  state.session = session
  state.gate = session.signed_in ? 'in' : 'out'
}

async function attempt(call: () => Promise<Session>): Promise<boolean> {
  try {
    take(await call())
    state.problem = null
    return state.gate === 'in'
  } catch (thrown) {
    state.problem = asProblem(thrown)
    return false
  }
}

/** Reads the session; uses up the one-time token in the address, and takes it out of the address. */
async function start(): Promise<void> {
  const token = tokenFromHash(location.hash)
  if (token !== null) {
    history.replaceState(null, '', '/')
    if (await attempt(() => ask<Session>('/api/session', { json: { token } }))) return
  }
  const refused = state.problem
  if (!(await attempt(() => ask<Session>('/api/session')))) {
    if (state.problem?.status === 401) state.gate = 'out'
    else if (state.problem !== null) state.gate = 'unreachable'
  }
  // An old link is no trouble for somebody who is signed in already.
  if (refused !== null && state.gate === 'out') state.problem = refused
}

const login = (name: string, password: string) =>
  attempt(() => ask<Session>('/api/login', { json: { name, password } }))

const useToken = (token: string) => attempt(() => ask<Session>('/api/session', { json: { token } }))

async function logout(): Promise<void> {
  await attempt(() => ask<Session>('/api/logout', { json: {} }))
  if (state.session !== null) take({ ...state.session, signed_in: false, user: null })
  else state.gate = 'out'
}

/** To be told of every problem: a session that ended shows the way in again. */
function notice(problem: Problem): void {
  if (problem.status === 401 && state.gate === 'in') {
    state.gate = 'out'
    state.problem = problem
  }
}

export function useSession() {
  return {
    state,
    service: computed<Service | null>(() => state.session?.service ?? null),
    language: computed<Language | null>(() => state.session?.language ?? null),
    start,
    login,
    useToken,
    logout,
    notice,
    refresh: () => attempt(() => ask<Session>('/api/session')),
  }
}
