import type { LlmDriver } from '@aios/kernel'
import { createTestKernel, fakeDriverCall, virtualClock } from '@aios/kernel/testing'
import { openai, type OpenAiOptions } from '@aios/llm/openai'
import { setImmediate } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { completion } from '../openai/completions.js'
import { chat, failure, HELLO } from './asking.js'
import { opened } from './opened.js'
import { json, providerPool, type Play } from './provider.js'

const { provided, closeAll } = providerPool()
afterEach(async () => {
  await closeAll()
})

const KEYS = ['sk-first-000000', 'sk-second-111111', 'sk-third-222222']
const keyOf = ({ headers }: { readonly headers: { readonly authorization?: string | undefined } }): number =>
  KEYS.indexOf(String(headers.authorization).replace('Bearer ', ''))

const core = (options: OpenAiOptions, clock = virtualClock()): Promise<LlmDriver> =>
  opened(openai('test-1', options), clock)

const answer: Play = (response) => {
  json(response, completion({ content: 'Hi.' }))
}

interface Refusal {
  readonly status?: number
  readonly retryAfter?: string
  readonly code?: string
}

/** Refuses the next requests of each key as is written there, then answers. */
const refusing = (refusals: readonly (readonly Refusal[])[]): Play =>
  (() => {
    const left = refusals.map((each) => [...each])
    return (response, request) => {
      const refusal = left[keyOf(request)]?.shift()
      if (refusal === undefined) return answer(response, request)
      const { status = 429, retryAfter, code } = refusal
      const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
      return json(response, { error: { message: 'No.', code } }, { status, headers })
    }
  })()

describe('waiting for a place on an endpoint', () => {
  const slow = { limits: { rpm: 12, burst: 0.01 } }

  it('is no silence of the provider, however long it takes', async () => {
    const clock = virtualClock()
    const { baseURL, requests } = await provided(answer)
    const driver = await core({ baseURL, timeoutMs: 500, endpoints: [{ apiKey: KEYS[0], ...slow }] }, clock)
    await chat(driver)
    const second = chat(driver)
    await clock.advance(4_000)
    expect(requests.length).toBe(1)
    await clock.advance(2_000)
    expect((await second).parts.length).toBe(1)
  })

  it('leaves the provider its whole time, once it is asked', async () => {
    const clock = virtualClock()
    const provider = await provided((response, request) =>
      provider.requests.length === 1 ? answer(response, request) : undefined,
    )
    const { baseURL } = provider
    const driver = await core({ baseURL, timeoutMs: 500, endpoints: [{ apiKey: KEYS[0], ...slow }] }, clock)
    await chat(driver)
    const second = failure(chat(driver))
    await clock.advance(6_000)
    await provider.received(2)
    await clock.advance(500)
    expect(await second).toMatchObject({ code: 'AIOS_LLM_TIMEOUT' })
  })

  it('ends with the call and with the core', async () => {
    const clock = virtualClock()
    const { baseURL, requests } = await provided(answer)
    const driver = await core({ baseURL, endpoints: [{ apiKey: KEYS[0], ...slow }] }, clock)
    await chat(driver)
    const caller = new AbortController()
    const left = failure(chat(driver, HELLO, fakeDriverCall({ signal: caller.signal })))
    const closed = failure(chat(driver))
    caller.abort(new Error('enough'))
    expect((await left).message).toBe('enough')
    await driver.close?.()
    expect(await closed).toMatchObject({ code: 'AIOS_CLOSED' })
    expect(clock.pending).toBe(0)
    expect(requests.length).toBe(1)
  })
})

describe('a call that an endpoint refused for a while', () => {
  const two = KEYS.slice(0, 2)
  const wait = (retryAfter: string): Refusal => ({ retryAfter })

  it('does not wait for another that is not free, and tells when the first of all is', async () => {
    const clock = virtualClock()
    const { baseURL, requests } = await provided(refusing([[wait('50')], [wait('1')]]))
    const driver = await core({ baseURL, apiKeys: two }, clock)
    expect(await failure(chat(driver))).toMatchObject({
      code: 'AIOS_LLM_RATE_LIMIT',
      retryable: true,
      retryAfterMs: 1_000,
      details: { endpoint: 1, status: 429 },
    })
    await clock.advance(1_000)
    await chat(driver)
    expect(requests.map(keyOf)).toEqual([0, 1, 1])
  })

  it('does not wait for one that rests since another call', async () => {
    const { baseURL, requests } = await provided(refusing([[wait('50')], [{ status: 400 }, wait('1')]]))
    const driver = await core({ baseURL, apiKeys: two })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_BAD_REQUEST' })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: 1_000 })
    expect(requests.map(keyOf)).toEqual([0, 1, 1])
  })

  it('tells the smallest wait also where the last to refuse rests longest', async () => {
    const { baseURL } = await provided(refusing([[wait('7')], [wait('3600')]]))
    const driver = await core({ baseURL, apiKeys: two })
    expect(await failure(chat(driver))).toMatchObject({ retryAfterMs: 7_000, details: { endpoint: 1 } })
  })

  it('tells how long all rest where that is longer than anybody would wait', async () => {
    const { baseURL } = await provided(refusing([[wait('7200')], [wait('3600')]]))
    const driver = await core({ baseURL, apiKeys: two })
    expect((await failure<{ retryAfterMs: number }>(chat(driver))).retryAfterMs).toBe(3_600_000)
  })

  it('leaves the pause to the kernel where one that refused does not say for how long', async () => {
    const { baseURL } = await provided(refusing([[{}], [wait('50')]]))
    const driver = await core({ baseURL, apiKeys: two })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: undefined })
  })

  it('counts none whose key is refused, or whose money is gone, as one that will be free', async () => {
    const gone = { code: 'insufficient_quota' }
    const { baseURL, requests } = await provided(refusing([[{ status: 401 }], [gone], [wait('9')]]))
    const driver = await core({ baseURL, apiKeys: KEYS })
    expect(await failure(chat(driver))).toMatchObject({ retryAfterMs: 9_000, details: { endpoint: 2 } })
    expect(requests.map(keyOf)).toEqual([0, 1, 2])
  })

  it('waits for another all the same where waiting cannot help the one that refused', async () => {
    const clock = virtualClock()
    const gone = { code: 'insufficient_quota' }
    const { baseURL, requests, received } = await provided(refusing([[gone, gone], [wait('9')]]))
    const driver = await core({ baseURL, apiKeys: two }, clock)
    await failure(chat(driver))
    const second = chat(driver)
    await received(3)
    // One timer is for the silence of the first; the other is for the place on the second.
    while (clock.pending < 2) await setImmediate()
    await clock.advance(9_000)
    expect((await second).parts.length).toBe(1)
    expect(requests.map(keyOf)).toEqual([0, 1, 0, 1])
  })

  it('is tried again by the kernel when the first of all is free', async () => {
    const { baseURL, requests } = await provided(refusing([[wait('50')], [{ status: 400 }, wait('1')]]))
    const kernel = await createTestKernel({ llm: openai('test-1', { baseURL, apiKeys: two }) })
    const { llm } = kernel.sys()
    await failure(llm.chat(HELLO))
    const retried = new Promise((resolve) => void kernel.on('syscall:retried', resolve))
    const answered = llm.chat(HELLO, { deadlineMs: 12_000 })
    await retried
    await kernel.clock.advance(1_000)
    expect((await answered).text).toBe('Hi.')
    expect(requests.map(keyOf)).toEqual([0, 1, 1, 1])
    await kernel.close()
  })
})
