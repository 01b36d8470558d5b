import type { AiosError } from '@aios/kernel'
import { fakeDriverCall, virtualClock } from '@aios/kernel/testing'
import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { chat, drained, failure, fakeFetch, HELLO, parts, streamed, textOf } from '../core/asking.js'
import { opened } from './opened.js'
import { EVENT_STREAM, json, providerPool, sse } from '../core/provider.js'
import { chunk } from './completions.js'

const DONE = [chunk({ content: 'Hello.' }), chunk({}, 'stop')]
const { provided, closeAll } = providerPool()
afterEach(closeAll)

describe('time and aborts', () => {
  it('gives up on a provider that stays silent, whole answer or between two pieces', async () => {
    const provider = await provided((response, { body }) => {
      if (body['stream'] !== true) return
      response.writeHead(200, EVENT_STREAM)
      response.write(`data: ${JSON.stringify(chunk({ content: 'Once' }))}\n\n`)
    })
    const clock = virtualClock()
    const driver = await opened({ baseURL: provider.baseURL, timeoutMs: 1_000 }, clock)
    const whole = failure(chat(driver))
    await provider.received(1)
    await clock.advance(999)
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    expect(await whole).toMatchObject({ code: 'AIOS_LLM_TIMEOUT', retryable: true })
    const iterator = parts(driver)
    while ((await iterator.next()).value?.type !== 'text-delta');
    const between = failure(Promise.resolve(iterator.next()))
    await clock.advance(1_000)
    expect((await between).code).toBe('AIOS_LLM_TIMEOUT')
    expect(clock.pending).toBe(0)
    await provider.released()
  })

  it('does not count the time in which nobody asks for the next part', async () => {
    const { baseURL } = await provided((response) => sse(response, DONE))
    const clock = virtualClock()
    const iterator = parts(await opened({ baseURL, timeoutMs: 1_000 }, clock))
    await iterator.next()
    await clock.advance(60_000)
    expect(textOf(await drained(iterator))).toBe('Hello.')
  })

  it('counts silence from the last piece', async () => {
    let send = (_: unknown): void => undefined
    const { baseURL, received } = await provided((response) => {
      response.writeHead(200, EVENT_STREAM)
      send = (data) => void response.write(`data: ${JSON.stringify(data)}\n\n`)
      response.flushHeaders()
    })
    const clock = virtualClock()
    const iterator = parts(await opened({ baseURL, timeoutMs: 1_000 }, clock))
    await iterator.next()
    await received(1)
    for (const word of ['a', 'b', 'c']) {
      const next = iterator.next()
      await clock.advance(900)
      send(chunk({ content: word }))
      await next
      while (word === 'a' && (await iterator.next()).value?.type !== 'text-delta');
    }
    const silent = failure(Promise.resolve(iterator.next()))
    await clock.advance(999)
    await clock.advance(1)
    expect((await silent).code).toBe('AIOS_LLM_TIMEOUT')
  })

  it('does not wait long for a response that never ends after a finished answer', async () => {
    const { baseURL } = await provided((response) => {
      response.writeHead(200, EVENT_STREAM)
      for (const one of DONE) response.write(`data: ${JSON.stringify(one)}\n\n`)
    })
    const clock = virtualClock()
    const iterator = parts(await opened({ baseURL }, clock))
    while ((await iterator.next()).value?.type !== 'text-delta');
    const rest = drained(iterator)
    let isOver = false
    void rest.then(() => (isOver = true))
    while (!isOver) await clock.advance(500)
    expect((await rest).map(({ type }) => type)).toEqual(['text-end', 'finish'])
    expect(clock.now()).toBeLessThanOrEqual(10_000)
  })

  it('does not take a lost connection for such a response', async () => {
    const { baseURL } = await provided((response) => {
      response.writeHead(200, EVENT_STREAM)
      for (const one of DONE) response.write(`data: ${JSON.stringify(one)}\n\n`)
      setImmediate(() => response.destroy())
    })
    const code = await streamed(await opened({ baseURL })).then(
      () => 'none',
      (error: unknown) => (error as AiosError).code,
    )
    expect(code).toBe('AIOS_LLM_NETWORK')
  })

  it('stops what still runs when it is closed', async () => {
    const provider = await provided(() => undefined)
    const driver = await opened({ baseURL: provider.baseURL })
    const running = failure(chat(driver))
    await provider.received(1)
    await driver.close?.()
    expect((await running).code).toBe('AIOS_CLOSED')
    await provider.released()
  })

  it('lets go of a fetch that ignores its signal', async () => {
    const { fetch, asked } = fakeFetch(() => new Promise<Response>(() => undefined))
    const controller = new AbortController()
    const asking = failure<string>(chat(await opened({ fetch }), HELLO, fakeDriverCall({ signal: controller.signal })))
    while (asked.length === 0) await Promise.resolve()
    controller.abort('enough')
    expect(await asking).toBe('enough')
  })

  it('ends a part that is awaited while the loop is left', async () => {
    const provider = await provided((response) => {
      response.writeHead(200, EVENT_STREAM)
      response.write(`data: ${JSON.stringify(chunk({ content: 'Once' }))}\n\n`)
    })
    const iterator = parts(await opened({ baseURL: provider.baseURL }))
    while ((await iterator.next()).value?.type !== 'text-delta');
    const awaited = failure(Promise.resolve(iterator.next()))
    await iterator.return?.()
    expect((await awaited).code).toBe('AIOS_CLOSED')
    await provider.released()
  })

  it('leaves no listener on the signal and no timer behind', async () => {
    const { baseURL } = await provided((response, { body }) =>
      body['stream'] === true ? sse(response, DONE) : json(response, {}, { status: 500 }),
    )
    const clock = virtualClock()
    const driver = await opened({ baseURL }, clock)
    const { signal } = new AbortController()
    const call = fakeDriverCall({ signal })
    await failure(chat(driver, HELLO, call))
    await drained(parts(driver, HELLO, call))
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(clock.pending).toBe(0)
  })
})
