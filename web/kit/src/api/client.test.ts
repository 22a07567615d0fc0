import { afterEach, describe, expect, it, vi } from 'vitest'
import { Problem, ask, problemFromBody } from './client.ts'

afterEach(() => vi.unstubAllGlobals())

function answerWith(status: number, body: string, headers: Record<string, string> = {}) {
  const calls: [string, RequestInit][] = []
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    calls.push([path, init])
    return new Response(status === 204 ? null : body, { status, headers })
  })
  return calls
}

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const thrown = await promise.then(
    () => null,
    (reason) => reason,
  )
  expect(thrown).toBeInstanceOf(Problem)
  return thrown as Problem
}

describe('requests', () => {
  it('carries the header against forged requests on everything that changes something', async () => {
    const calls = answerWith(204, '')
    await ask('/api/a')
    await ask('/api/b', { json: { x: 1 } })
    await ask('/api/c', { body: 'text', contentType: 'text/plain' })
    const sent = calls.map(([, init]) => (init.headers as Record<string, string>)['X-Tally'])
    expect(sent).toEqual([undefined, '1', '1'])
    expect(calls.map(([, init]) => init.method)).toEqual(['GET', 'POST', 'POST'])
  })

  it('reads an empty answer as null', async () => {
    answerWith(204, '')
    expect(await ask('/api/a')).toBeNull()
  })
})

describe('problems', () => {
  it('takes both sentences and what to do from the OA and the gateway', async () => {
    answerWith(
      409,
      JSON.stringify({
        error: { code: 'phone_taken', message_zh: '甲', message_en: 'A', what_to_do_zh: '乙', what_to_do_en: 'B' },
      }),
    )
    const problem = await problemOf(ask('/api/members', { json: {} }))
    expect(problem).toMatchObject({ code: 'phone_taken', status: 409, what: { zh: '甲', en: 'A' }, todo: { zh: '乙', en: 'B' } })
  })

  it('takes the flatter form of the terminal', () => {
    const problem = problemFromBody(422, { error: 'no_code', zh: '没有码', en: 'No code' })
    expect(problem).toMatchObject({ code: 'no_code', what: { zh: '没有码', en: 'No code' } })
  })

  it('explains a bare code by itself', () => {
    expect(problemFromBody(401, { error: 'no_session' }).what.en).toMatch(/not signed in/)
    expect(problemFromBody(503, { error: 'too_busy_to_say' }).code).toBe('busy')
  })

  it.each([
    [401, 'signed_out'],
    [404, 'not_found'],
    [503, 'busy'],
    [500, 'unexpected'],
  ])('names a %i without a body', (status, code) => {
    expect(problemFromBody(status, null).code).toBe(code)
  })

  it('survives a hostile body', () => {
    for (const body of [{ error: 'constructor' }, [], 'x', 7, { error: 7 }, { error: { code: 7, message_zh: [] } }, { error: null }]) {
      expect(problemFromBody(500, body).what.zh).not.toBe('')
    }
  })

  it('reads only a plain number of seconds from Retry-After', () => {
    const body = { error: { code: 'too_many_attempts', message_zh: '甲', message_en: 'A' } }
    expect(problemFromBody(429, body, '30').retryAfterS).toBe(30)
    expect(problemFromBody(429, body, 'Wed, 21 Oct').retryAfterS).toBeNull()
  })

  it('says when the server is gone, is late, or talks nonsense', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('failed')
    })
    expect((await problemOf(ask('/api/a'))).code).toBe('unreachable')
    vi.stubGlobal('fetch', async () => {
      throw new DOMException('late', 'TimeoutError')
    })
    expect((await problemOf(ask('/api/a'))).code).toBe('timeout')
    answerWith(200, '<html>')
    expect((await problemOf(ask('/api/a'))).code).toBe('unexpected')
  })
})
