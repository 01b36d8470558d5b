import type { LlmDriver } from '@aios/kernel'
import type { RateSignal } from '@aios/kernel/driver'
import { fakeDriverCall, fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { openai, type OpenAiOptions } from '@aios/llm/openai'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { chunk, completion } from '../openai/completions.js'
import { chat, failure, HELLO, streamed, textOf } from './asking.js'
import { opened } from './opened.js'
import { json, providerPool, sse, type Play } from './provider.js'

const { provided, closeAll } = providerPool()
afterEach(async () => {
  await closeAll()
})

const KEYS = ['sk-first-000000', 'sk-second-111111', 'sk-third-222222']

const core = (options: OpenAiOptions, clock = virtualClock()): Promise<LlmDriver> =>
  opened(openai('test-1', options), clock)

const answer: Play = (response, { body }) => {
  if (body['stream'] === true) sse(response, [chunk({ content: 'Hi.' }), chunk({}, 'stop')])
  else json(response, completion({ content: 'Hi.' }))
}

/** Answers, but refuses some keys with a status. */
const refusing =
  (statuses: Readonly<Record<string, number>>, headers: Record<string, string> = {}): Play =>
  (response, request) => {
    const status = statuses[String(request.headers.authorization).replace('Bearer ', '')]
    if (status === undefined) return answer(response, request)
    return json(response, { error: { message: 'No.' } }, { status, headers })
  }

const keyOf = ({ headers }: { readonly headers: { readonly authorization?: string | undefined } }): number =>
  KEYS.indexOf(String(headers.authorization).replace('Bearer ', ''))

describe('a core with several keys', () => {
  it('asks with each in turn while all are equally busy', async () => {
    const { baseURL, requests } = await provided(answer)
    const driver = await core({ baseURL, apiKeys: KEYS })
    for (let n = 0; n < 6; n += 1) await chat(driver)
    expect(requests.map(keyOf)).toEqual([0, 1, 2, 0, 1, 2])
  })

  it('gives a call to the one that has least to do', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const { baseURL, requests, received } = await provided(async (response, request) => {
      if (keyOf(request) === 0) await held
      return answer(response, request)
    })
    const driver = await core({ baseURL, apiKeys: KEYS.slice(0, 2) })
    const slow = chat(driver)
    await received(1)
    for (let n = 0; n < 3; n += 1) await chat(driver)
    release()
    await slow
    expect(requests.map(keyOf)).toEqual([0, 1, 1, 1])
  })

  it.each([401, 429])('asks with another at once where one is answered %i, as one call', async (status) => {
    const { baseURL, requests } = await provided(refusing({ [KEYS[0]!]: status }))
    const driver = await core({ baseURL, apiKeys: KEYS })
    expect((await chat(driver)).parts).toEqual([{ type: 'text', text: 'Hi.' }])
    expect(textOf(await streamed(driver))).toBe('Hi.')
    expect(requests.map(keyOf)).toEqual([0, 1, 2])
  })

  it('passes over one that refused its key for five minutes', async () => {
    const clock = virtualClock()
    const { baseURL, requests } = await provided(refusing({ [KEYS[0]!]: 401 }))
    const driver = await core({ baseURL, apiKeys: KEYS.slice(0, 2) }, clock)
    for (let n = 0; n < 3; n += 1) await chat(driver)
    await clock.advance(300_000)
    await chat(driver)
    expect(requests.map(keyOf)).toEqual([0, 1, 1, 1, 0, 1])
  })

  it('passes over one that is told to wait for as long as it was told', async () => {
    const clock = virtualClock()
    const { baseURL, requests } = await provided(refusing({ [KEYS[0]!]: 429 }, { 'retry-after': '20' }))
    const driver = await core({ baseURL, apiKeys: KEYS.slice(0, 2) }, clock)
    await chat(driver)
    await clock.advance(19_000)
    await chat(driver)
    expect(requests.map(keyOf)).toEqual([0, 1, 1])
    await clock.advance(2_000)
    await chat(driver)
    expect(requests.map(keyOf)).toEqual([0, 1, 1, 0, 1])
  })

  it('rejects when all refuse, naming the last by its index and no key', async () => {
    const { baseURL, requests } = await provided(refusing({ [KEYS[0]!]: 429, [KEYS[1]!]: 401 }))
    const driver = await core({ baseURL, apiKeys: KEYS.slice(0, 2) })
    const failed = await failure(chat(driver))
    expect(failed).toMatchObject({ code: 'AIOS_LLM_AUTH', details: { endpoint: 1, status: 401 } })
    expect(requests.length).toBe(2)
    for (const key of KEYS) expect(inspect(failed, { depth: null, showHidden: true })).not.toContain(key)
  })

  it.each([500, 400, 404])('asks no other where one is answered %i', async (status) => {
    const { baseURL, requests } = await provided(refusing({ [KEYS[0]!]: status }))
    const driver = await core({ baseURL, apiKeys: KEYS })
    await failure(chat(driver))
    expect(requests.length).toBe(1)
  })

  it('does not ask again once a part was delivered', async () => {
    const { baseURL, requests } = await provided((response) => {
      sse(response, [chunk({ content: 'Hi' }), { error: { message: 'No.', code: 429 } }], [])
    })
    const driver = await core({ baseURL, apiKeys: KEYS })
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT' })
    expect(requests.length).toBe(1)
  })

  it('keeps what one says about its own limits from the kernel', async () => {
    const observed: RateSignal[] = []
    const call = fakeDriverCall({ observe: (signal) => void observed.push(signal) })
    const { baseURL } = await provided((response, request) => {
      response.setHeader('x-ratelimit-remaining-requests', '0')
      return answer(response, request)
    })
    await chat(await core({ baseURL, apiKeys: KEYS }), HELLO, call)
    expect(observed).toEqual([])
    await chat(await core({ baseURL, apiKey: KEYS[0] }), HELLO, call)
    expect(observed).toEqual([{ kind: 'headers', remainingRequests: 0 }])
  })
})

describe('a core with several endpoints', () => {
  it('shares calls by weight', async () => {
    const [light, heavy] = [await provided(answer), await provided(answer)]
    const driver = await core({
      endpoints: [{ baseURL: light.baseURL }, { baseURL: heavy.baseURL, weight: 3 }],
    })
    await Promise.all(Array.from({ length: 8 }, () => chat(driver)))
    expect([light.requests.length, heavy.requests.length]).toEqual([2, 6])
  })

  it('sends none of them more than it may have at once, and waits for room', async () => {
    const [one, other] = [await provided(answer), await provided(answer)]
    const driver = await core({
      endpoints: [one, other].map(({ baseURL }) => ({ baseURL, limits: { concurrency: 1 } })),
    })
    const replies = await Promise.all(Array.from({ length: 6 }, () => chat(driver)))
    expect(replies.length).toBe(6)
    expect(one.requests.length + other.requests.length).toBe(6)
  })

  it('sends none of them more in a minute than it bears', async () => {
    const clock = virtualClock()
    const [one, other] = [await provided(answer), await provided(answer)]
    const driver = await core(
      {
        endpoints: [{ baseURL: one.baseURL, limits: { rpm: 2, burst: 1 } }, { baseURL: other.baseURL }],
      },
      clock,
    )
    for (let n = 0; n < 8; n += 1) await chat(driver)
    expect([one.requests.length, other.requests.length]).toEqual([2, 6])
  })

  it('lets a call that waits for room go when its caller does', async () => {
    const { baseURL, received } = await provided(() => undefined)
    const driver = await core({ endpoints: [{ baseURL, limits: { concurrency: 1 } }] })
    const caller = new AbortController()
    const first = chat(driver, HELLO, fakeDriverCall({ signal: caller.signal }))
    await received(1)
    const second = failure(chat(driver, HELLO, fakeDriverCall({ signal: caller.signal })))
    caller.abort(new Error('enough'))
    expect((await failure(first)).message).toBe('enough')
    expect((await second).message).toBe('enough')
  })

  it('gives its room back where a request cannot be expressed', async () => {
    const { baseURL, requests } = await provided(answer)
    const driver = await core({ endpoints: [{ baseURL, limits: { concurrency: 1 } }] })
    const impossible = { messages: [{ role: 'system', content: [{ type: 'source', url: 'https://a' }] }] } as const
    expect(await failure(chat(driver, impossible))).toMatchObject({ code: 'AIOS_LLM_BAD_REQUEST' })
    await chat(driver)
    expect(requests.length).toBe(1)
  })
})

describe('a core that is closed', () => {
  it('stops every call that still runs', async () => {
    const provider = await provided(() => undefined)
    const driver = await core({ baseURL: provider.baseURL })
    const calls = [failure(chat(driver)), failure(streamed(driver))]
    await provider.received(2)
    await driver.close?.()
    await driver.close?.()
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(['AIOS_CLOSED', 'AIOS_CLOSED'])
    await provider.released()
  })

  it('can be opened again', async () => {
    const { baseURL } = await provided(answer)
    const driver = await core({ baseURL })
    await driver.close?.()
    expect(await failure(Promise.resolve().then(() => chat(driver)))).toMatchObject({ code: 'AIOS_CLOSED' })
    await driver.open?.(fakeDriverServices())
    expect((await chat(driver)).parts.length).toBe(1)
  })
})
