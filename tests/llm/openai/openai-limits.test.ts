import type { DriverCall } from '@aios/kernel'
import type { RateSignal } from '@aios/kernel/driver'
import { fakeDriverCall } from '@aios/kernel/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { chat, failure, HELLO, parts, streamed } from '../core/asking.js'
import { opened } from './opened.js'
import { EVENT_STREAM, json, providerPool, sse, type Play } from '../core/provider.js'
import { chunk, completion } from './completions.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

const DONE = [chunk({ content: 'Hello.' }), chunk({}, 'stop')]
const LEFT = {
  'x-ratelimit-limit-requests': '600',
  'x-ratelimit-remaining-requests': '599',
  'x-ratelimit-reset-requests': '100ms',
  'x-ratelimit-remaining-tokens': '70',
}
const READ = { limitRequests: 600, remainingRequests: 599, resetRequestsMs: 100, remainingTokens: 70 }

/** Opens a core before a provider, and keeps what it says of that provider's limits. */
async function listening(play: Play) {
  const observed: RateSignal[] = []
  const call: DriverCall = fakeDriverCall({ observe: (signal) => void observed.push(signal) })
  const { baseURL } = await provided(play)
  const driver = await opened({ baseURL })
  return { driver, call, observed }
}

const refusing =
  (status: number, headers: Record<string, string> = {}, fields: Record<string, unknown> = {}): Play =>
  (response) =>
    json(response, { error: { message: 'Slow down.', ...fields } }, { status, headers })

const answering =
  (headers: Record<string, string>): Play =>
  (response, { body }) => {
    for (const [name, text] of Object.entries(headers)) response.setHeader(name, text)
    if (body['stream'] === true) sse(response, DONE)
    else json(response, completion({ content: 'Hello.' }))
  }

const WAYS = [
  ['whole', chat],
  ['streamed', streamed],
] as const

describe.each(WAYS)('what a provider says about its limits, with a %s answer', (_, ask) => {
  it('reaches the kernel once for each answer that says something', async () => {
    const { driver, call, observed } = await listening(answering(LEFT))
    await ask(driver, HELLO, call)
    await ask(driver, HELLO, call)
    expect(observed).toEqual([
      { kind: 'headers', ...READ },
      { kind: 'headers', ...READ },
    ])
  })

  it('stays unsaid where the answer says nothing, or nonsense', async () => {
    const nonsense = { 'x-ratelimit-remaining-requests': 'plenty', 'x-ratelimit-reset-tokens': 'soon' }
    for (const headers of [{}, nonsense]) {
      const { driver, call, observed } = await listening(answering(headers))
      await ask(driver, HELLO, call)
      expect(observed).toEqual([])
    }
  })

  it('is passed on without the header that is nonsense', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '-3', 'x-ratelimit-remaining-tokens': '9' }
    const { driver, call, observed } = await listening(answering(headers))
    await ask(driver, HELLO, call)
    expect(observed).toEqual([{ kind: 'headers', remainingTokens: 9 }])
  })

  it.each([429, 503, 529])('is an overload at status %d, with what its headers say', async (status) => {
    const { driver, call, observed } = await listening(refusing(status, { ...LEFT, 'retry-after': '7' }))
    const { code } = await failure(ask(driver, HELLO, call))
    expect(code).toBe(status === 429 ? 'AIOS_LLM_RATE_LIMIT' : 'AIOS_LLM_OVERLOADED')
    expect(observed).toEqual([{ kind: 'overload', ...READ, retryAfterMs: 7_000 }])
  })

  it('is an overload also without headers, or with nonsense in them', async () => {
    for (const headers of [{}, { 'retry-after': 'later', 'x-ratelimit-remaining-requests': 'none' }]) {
      const { driver, call, observed } = await listening(refusing(429, headers))
      await failure(ask(driver, HELLO, call))
      expect(observed).toEqual([{ kind: 'overload' }])
    }
  })

  it('is no overload when the request or the server is at fault', async () => {
    for (const status of [400, 401, 500]) {
      const { driver, call, observed } = await listening(refusing(status, LEFT))
      await failure(ask(driver, HELLO, call))
      expect(observed).toEqual([{ kind: 'headers', ...READ }])
    }
  })

  it('is nothing when the money is gone, which no pace brings back', async () => {
    const gone = { code: 'insufficient_quota' }
    const { driver, call, observed } = await listening(refusing(429, { ...LEFT, 'retry-after': '7' }, gone))
    expect(await failure(ask(driver, HELLO, call))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryable: false })
    expect(observed).toEqual([])
  })

  it('is nothing when nobody answers', async () => {
    const { driver, call, observed } = await listening((response) => response.destroy())
    expect((await failure(ask(driver, HELLO, call))).code).toBe('AIOS_LLM_NETWORK')
    expect(observed).toEqual([])
  })

  it('is an overload inside an answer of status 200, whose headers are not counted again', async () => {
    const error = { error: { message: 'Slow down.', code: 'rate_limit_exceeded' } }
    const { driver, call, observed } = await listening((response, { body }) => {
      for (const [name, text] of Object.entries(LEFT)) response.setHeader(name, text)
      if (body['stream'] === true) sse(response, [chunk({ content: 'Once' }), error])
      else json(response, error)
    })
    expect((await failure(ask(driver, HELLO, call))).code).toBe('AIOS_LLM_RATE_LIMIT')
    expect(observed).toEqual([{ kind: 'headers', ...READ }, { kind: 'overload' }])
  })
})

describe('what a provider says about its limits', () => {
  it('is passed on when the stream begins, not when it ends', async () => {
    const { driver, call, observed } = await listening((response) => {
      response.writeHead(200, { ...EVENT_STREAM, ...LEFT })
      response.flushHeaders()
    })
    const iterator = parts(driver, HELLO, call)
    expect(await iterator.next()).toMatchObject({ value: { type: 'start' } })
    expect(observed).toEqual([{ kind: 'headers', ...READ }])
    await iterator.return?.()
  })

  it('is passed on also when the body is no answer', async () => {
    const { driver, call, observed } = await listening((response) =>
      response.writeHead(200, { 'content-type': 'application/json', ...LEFT }).end('{"cho'),
    )
    expect((await failure(chat(driver, HELLO, call))).code).toBe('AIOS_LLM_SERVER')
    expect(observed).toEqual([{ kind: 'headers', ...READ }])
  })
})
