import type { CoreRequest } from '@aios/kernel'
import { fakeDriverCall, virtualClock } from '@aios/kernel/testing'
import fc from 'fast-check'
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runs } from '../../setup/runs.js'
import { chat, failure, fakeFetch, HELLO, parts, streamed, textOf } from '../core/asking.js'
import { json, providerPool, type Play } from '../core/provider.js'
import { done, line, ndjson, NDJSON } from './lines.js'
import { opened } from './opened.js'

const { provided, closeAll } = providerPool()
const LEVELS = ['debug', 'info', 'warn', 'error', 'log'] as const
beforeEach(() => {
  for (const level of LEVELS) vi.spyOn(console, level)
})
afterEach(async () => {
  // The SDK prints what it cannot read, and pages of errors.
  for (const level of LEVELS) expect(console[level]).not.toHaveBeenCalled()
  vi.restoreAllMocks()
  await closeAll()
})

const served = (play: Play) => provided(play).then(({ baseURL }) => opened({ baseURL: new URL(baseURL).origin }))

describe('what goes wrong at an Ollama server', () => {
  it.each([
    [400, 'AIOS_LLM_BAD_REQUEST'],
    [401, 'AIOS_LLM_AUTH'],
    [403, 'AIOS_LLM_PERMISSION'],
    [404, 'AIOS_LLM_NOT_FOUND'],
    [413, 'AIOS_LLM_CONTEXT_OVERFLOW'],
    [429, 'AIOS_LLM_RATE_LIMIT'],
    [500, 'AIOS_LLM_SERVER'],
    [502, 'AIOS_LLM_SERVER'],
    [503, 'AIOS_LLM_OVERLOADED'],
    [529, 'AIOS_LLM_OVERLOADED'],
  ])('by status %i is %s, streamed or not', async (status, code) => {
    const driver = await served((response) => json(response, { error: 'model "x" not found' }, { status }))
    for (const ask of [chat, streamed]) {
      expect(await failure(ask(driver))).toMatchObject({
        code,
        message: expect.stringContaining('got: model "x" not found.') as unknown,
        details: { provider: 'ollama', status },
      })
    }
  })

  it('has the names and the text of a gateway before it', async () => {
    const errors = [{ error: { message: 'No.', code: 'content_filter' } }, { detail: 'No.' }, '']
    const driver = await served((response) => {
      const error = errors.shift()
      response.writeHead(400, 'Bad Request', { 'content-type': 'application/json' })
      response.end(error === '' ? '' : JSON.stringify(error))
    })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_CONTENT_FILTER' })
    expect((await failure(chat(driver))).message).toContain('{"detail":"No."}')
    expect((await failure(chat(driver))).message).toContain('400 Bad Request')
  })

  it('tells how long to wait, and nothing where the server does not say', async () => {
    const waits = ['7', undefined]
    const driver = await served((response) => {
      const wait = waits.shift()
      json(response, { error: 'Busy.' }, { status: 429, headers: wait === undefined ? {} : { 'retry-after': wait } })
    })
    const observe = vi.fn()
    const call = fakeDriverCall({ observe })
    expect(await failure(chat(driver, HELLO, call))).toMatchObject({ retryAfterMs: 7_000 })
    expect(observe).toHaveBeenCalledWith(expect.objectContaining({ kind: 'overload', retryAfterMs: 7_000 }))
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: undefined })
  })

  it('may be a page of a proxy, of which little is repeated', async () => {
    const page = `<html>${'x'.repeat(9_000)}</html>`
    const driver = await served((response) => response.writeHead(502, { 'content-type': 'text/html' }).end(page))
    const failed = await failure(streamed(driver))
    expect(failed).toMatchObject({ code: 'AIOS_LLM_SERVER', retryable: true })
    expect(failed.message.length).toBeLessThan(700)
  })

  it('may be an error inside an answer that had begun, with status 200', async () => {
    const driver = await served((response, { body }) =>
      body['stream'] === true
        ? ndjson(response, [line({ content: 'Once' }), { error: 'model runner has unexpectedly stopped' }])
        : json(response, { error: 'model runner has unexpectedly stopped' }),
    )
    const read: unknown[] = []
    const iterator = parts(driver)
    const failed = await failure(
      (async () => {
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) read.push(next.value)
      })(),
    )
    expect(failed).toMatchObject({ code: 'AIOS_LLM_SERVER', retryable: true })
    expect(failed.message).toContain('unexpectedly stopped')
    expect(read).toContainEqual({ type: 'text-delta', id: '1', text: 'Once' })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
  })

  it('is an end before the answer was done, with and without half a line', async () => {
    const endings = ['', '{"model":"te']
    const driver = await served((response) => {
      response.writeHead(200, NDJSON)
      response.end(`${JSON.stringify(line({ content: 'Once' }))}\n${endings.shift()}`)
    })
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM' })
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
  })

  it('is what is no JSON, in a stream or whole, and what is no answer', async () => {
    const driver = await served((response, { body }) => {
      if (body['stream'] === true) return ndjson(response, [line({ content: 'A' }), '<html>', done()])
      return response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    })
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
    const other = await served((response) => json(response, { choices: [] }))
    expect((await failure(chat(other))).message).toContain('Is baseURL the root of an Ollama server?')
  })

  it('is a server that is not there, or goes away in the middle', async () => {
    const gone = await provided(() => undefined)
    await gone.close()
    const nobody = await opened({ baseURL: new URL(gone.baseURL).origin })
    expect(await failure(chat(nobody))).toMatchObject({ code: 'AIOS_LLM_NETWORK', retryable: true })
    const driver = await served(async (response) => {
      response.writeHead(200, NDJSON).write(`${JSON.stringify(line({ content: 'Once' }))}\n`)
      for (let turn = 0; turn < 20; turn += 1) await setImmediate()
      response.destroy()
    })
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_NETWORK' })
  })

  it('is no failure where the model ignores the schema, or says the end twice', async () => {
    const asked: CoreRequest = { ...HELLO, responseFormat: { type: 'json', schema: { type: 'object' } } }
    const driver = await served((response, { body }) =>
      body['stream'] === true
        ? ndjson(response, [done({ content: 'No.' }), done({ content: 'No.' })])
        : json(response, done({ content: 'No.' })),
    )
    expect((await chat(driver, asked)).parts).toEqual([{ type: 'text', text: 'No.' }])
    expect(textOf(await streamed(driver, asked))).toBe('No.')
  })
})

describe('an answer', () => {
  it('tells what a gateway says of its limits, streamed or not', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '3' }
    const driver = await served((response, { body }) => {
      if (body['stream'] !== true) return json(response, done({ content: 'Hi.' }), { headers })
      return response.writeHead(200, { ...NDJSON, ...headers }).end(JSON.stringify(done({ content: 'Hi.' })))
    })
    for (const ask of [chat, streamed]) {
      const observe = vi.fn()
      await ask(driver, HELLO, fakeDriverCall({ observe }))
      expect(observe).toHaveBeenCalledWith(expect.objectContaining({ kind: 'headers', remainingRequests: 3 }))
    }
  })

  it.each([
    ['never ends', () => undefined],
    ['breaks off', (response: ServerResponse) => void setTimeout(() => response.destroy(), 5)],
  ])('is done when the server says so, although the body %s behind it', async (_, goOn) => {
    const provider = await provided((response) => {
      response.writeHead(200, NDJSON).write(`${JSON.stringify(done({ content: 'Hi.' }))}\n`)
      goOn(response)
    })
    const clock = virtualClock()
    const answer = streamed(await opened({ baseURL: new URL(provider.baseURL).origin }, clock))
    let isOver = false
    void answer.finally(() => (isOver = true))
    while (!isOver) {
      await setImmediate()
      await clock.advance(1)
    }
    expect(textOf(await answer)).toBe('Hi.')
    expect((await answer).at(-1)).toMatchObject({ type: 'finish', finish: { unified: 'stop' } })
    await provider.released()
  })

  it('comes out the same however its bytes are cut, with CRLF and empty lines', async () => {
    const text = 'Grüße 👋🏽, 世界!'
    const lines = [...[...text].map((content) => line({ content })), done()].map((each) => JSON.stringify(each))
    const cut = fc.record({ size: fc.integer({ min: 1, max: 900 }), newline: fc.constantFrom('\n', '\r\n', '\n\n') })
    await fc.assert(
      fc.asyncProperty(cut, async ({ size, newline }) => {
        const bytes = Buffer.from(lines.join(newline))
        const { fetch } = fakeFetch(() => {
          const body = new ReadableStream<Uint8Array>({
            start(controller) {
              for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size))
              controller.close()
            },
          })
          return new Response(body, { headers: NDJSON })
        })
        expect(textOf(await streamed(await opened({ fetch })))).toBe(text)
      }),
      { numRuns: runs(15, 200) },
    )
  })
})
