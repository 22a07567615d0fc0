// Talks to the program that served the page: JSON over fetch, one deadline, one form of problem.
// Contract: docs/formats/api.md; the terminal's page answers problems in a flatter form.

/** One sentence in both languages. */
export interface Sentence {
  zh: string
  en: string
}

/** Anything that went wrong with a request. `what` and `todo` are ready to be shown. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly what: Sentence,
    readonly todo: Sentence,
    readonly retryAfterS: number | null = null,
  ) {
    super(`${code}: ${what.en}`)
    this.name = 'Problem'
  }
}

const kDeadlineMs = 10_000

/** Sentences for what no server could have explained, and for servers that send only a code. */
const kKnown: Record<string, { what: Sentence; todo: Sentence }> = {
  unreachable: {
    what: { zh: '连接不上本页面的服务。', en: 'This page has lost its server.' },
    todo: { zh: '请确认程序仍在运行，稍后会自动重试。', en: 'Check that the program is running; the page keeps trying.' },
  },
  timeout: {
    what: { zh: '服务没有及时回答。', en: 'The server did not answer in time.' },
    todo: { zh: '请稍后再试。', en: 'Try again in a moment.' },
  },
  signed_out: {
    what: { zh: '尚未登录，或登录已过期。', en: 'You are not signed in, or the session has ended.' },
    todo: { zh: '请重新登录。', en: 'Sign in again.' },
  },
  csrf: {
    what: { zh: '请求不是从本页面发出的，已拒绝。', en: 'The request did not come from this page and was refused.' },
    todo: { zh: '请刷新页面后重试。', en: 'Reload the page and try again.' },
  },
  not_found: {
    what: { zh: '没有找到。', en: 'Not found.' },
    todo: { zh: '请检查后重试。', en: 'Check it and try again.' },
  },
  too_large: {
    what: { zh: '内容太大。', en: 'That is too large.' },
    todo: { zh: '请换用较小的内容。', en: 'Use something smaller.' },
  },
  busy: {
    what: { zh: '服务正忙。', en: 'The server is busy.' },
    todo: { zh: '请稍等片刻再试。', en: 'Wait a moment and try again.' },
  },
  unexpected: {
    what: { zh: '服务给出了无法理解的回答。', en: 'The server gave an answer this page does not understand.' },
    todo: { zh: '请刷新页面；如果仍然出现，请联系技术人员。', en: 'Reload the page; if it happens again, call a technician.' },
  },
}

const kAliases: Record<string, string> = {
  no_session: 'signed_out',
  wrong_origin: 'csrf',
  unauthorized: 'signed_out',
}

function lookUp(code: string) {
  const name = Object.hasOwn(kAliases, code) ? kAliases[code]! : code
  return Object.hasOwn(kKnown, name) ? kKnown[name] : undefined
}

/** A problem known by its code alone. */
export function knownProblem(code: string, status = 0): Problem {
  const known = lookUp(code) ?? kKnown.unexpected!
  return new Problem(code, status, known.what, known.todo)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Reads the body of an answer that is not 2xx, in any of the three forms our programs use. */
export function problemFromBody(status: number, body: unknown, retryAfter: string | null = null): Problem {
  const fallback = status === 401 ? 'signed_out' : status === 404 ? 'not_found' : status === 503 ? 'busy' : 'unexpected'
  const error = (body as { error?: unknown } | null)?.error
  const retryAfterS = retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : null
  if (typeof error === 'object' && error !== null) {
    const e = error as Record<string, unknown>
    const code = text(e.code) || fallback
    const known = knownProblem(code, status)
    if (!text(e.message_zh) && !text(e.message_en)) return known
    return new Problem(
      code,
      status,
      { zh: text(e.message_zh) || text(e.message_en), en: text(e.message_en) || text(e.message_zh) },
      { zh: text(e.what_to_do_zh), en: text(e.what_to_do_en) },
      retryAfterS,
    )
  }
  if (typeof error === 'string') {
    const { zh, en } = body as { zh?: unknown; en?: unknown }
    if (text(zh) || text(en)) {
      return new Problem(error, status, { zh: text(zh) || text(en), en: text(en) || text(zh) }, { zh: '', en: '' })
    }
    return knownProblem(lookUp(error) ? error : fallback, status)
  }
  return knownProblem(fallback, status)
}

export interface Call {
  method?: 'GET' | 'POST'
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is, with its own content type. */
  body?: Blob | string
  contentType?: string
  headers?: Record<string, string>
  deadlineMs?: number
}

/** Asks `path` and reads the JSON answer (null for an empty one). Throws Problem, nothing else. */
export async function ask<T>(path: string, call: Call = {}): Promise<T> {
  const method = call.method ?? (call.json !== undefined || call.body !== undefined ? 'POST' : 'GET')
  const headers: Record<string, string> = { Accept: 'application/json', ...call.headers }
  if (method !== 'GET') headers['X-Tally'] = '1'
  if (call.json !== undefined) headers['Content-Type'] = 'application/json'
  if (call.contentType) headers['Content-Type'] = call.contentType
  let answer: Response
  let body: string
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: call.json !== undefined ? JSON.stringify(call.json) : (call.body ?? null),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(call.deadlineMs ?? kDeadlineMs),
    })
    body = await answer.text()
  } catch (cause) {
    throw knownProblem((cause as Error).name === 'TimeoutError' ? 'timeout' : 'unreachable')
  }
  let value: unknown = null
  if (body !== '') {
    try {
      value = JSON.parse(body)
    } catch {
      if (answer.ok) throw knownProblem('unexpected', answer.status)
    }
  }
  if (!answer.ok) throw problemFromBody(answer.status, value, answer.headers.get('Retry-After'))
  return value as T
}

/** Turns anything thrown into a Problem that can be shown. */
export function asProblem(thrown: unknown): Problem {
  return thrown instanceof Problem ? thrown : knownProblem('unexpected')
}
