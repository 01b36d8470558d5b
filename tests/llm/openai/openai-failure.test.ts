import type { StreamPart } from '@aios/kernel'
import { afterEach, describe, expect, it } from 'vitest'
import { chat, failure, parts, streamed, textOf } from '../core/asking.js'
import { opened } from './opened.js'
import { json, providerPool, sse, type Play } from '../core/provider.js'
import { chunk } from './completions.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

describe('what goes wrong at the provider', () => {
  const error = (fields: Record<string, unknown>) => ({ error: { message: 'Sorry.', type: 'x', ...fields } })
  const body = (play: Play) => provided(play).then(({ baseURL }) => opened({ baseURL }))

  it('names the key as the trouble when the provider does', async () => {
    const driver = await body((response) => json(response, error({ code: 'invalid_api_key' }), { status: 401 }))
    expect(await failure(chat(driver))).toMatchObject({
      code: 'AIOS_LLM_AUTH',
      retryable: false,
      message:
        'Expected an answer for core "test-1", got: 401 Sorry.. Check the key: the option apiKey, or OPENAI_API_KEY.',
      details: { provider: 'openai', status: 401, code: 'invalid_api_key' },
    })
  })

  it('tells an unknown model', async () => {
    const driver = await body((response) => json(response, error({ code: 'model_not_found' }), { status: 404 }))
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_NOT_FOUND', retryable: false })
  })

  it('passes on how long to wait, and nothing where the provider does not say', async () => {
    const waits = ['7', undefined]
    const driver = await body((response) => {
      const wait = waits.shift()
      json(response, error({}), { status: 429, headers: wait === undefined ? {} : { 'retry-after': wait } })
    })
    expect(await failure(chat(driver))).toMatchObject({
      code: 'AIOS_LLM_RATE_LIMIT',
      retryable: true,
      retryAfterMs: 7_000,
    })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: undefined })
  })

  it('does not invite to retry when the money is gone', async () => {
    const headers = { 'retry-after': '1' }
    const driver = await body((response) =>
      json(response, error({ code: 'insufficient_quota' }), { status: 429, headers }),
    )
    expect(await failure(chat(driver))).toMatchObject({
      code: 'AIOS_LLM_RATE_LIMIT',
      message:
        'Expected an answer for core "test-1", got: 429 Sorry.. No quota is left: add credit, or raise it at the provider.',
      retryable: false,
      retryAfterMs: undefined,
    })
  })

  it('tells an overloaded provider from a broken one', async () => {
    const states = [529, 503, 500]
    const driver = await body((response) => json(response, error({}), { status: states.shift() ?? 500 }))
    const codes = [await failure(chat(driver)), await failure(chat(driver)), await failure(chat(driver))]
    expect(codes.map(({ code }) => code)).toEqual(['AIOS_LLM_OVERLOADED', 'AIOS_LLM_OVERLOADED', 'AIOS_LLM_SERVER'])
  })

  it('survives a gateway that answers in HTML, and does not repeat all of it', async () => {
    const page = `<html>${'x'.repeat(5_000)}</html>`
    const driver = await body((response) => response.writeHead(502, { 'content-type': 'text/html' }).end(page))
    const failed = await failure(streamed(driver))
    expect(failed).toMatchObject({ code: 'AIOS_LLM_SERVER', retryable: true })
    expect(failed.message.length).toBeLessThan(700)
  })

  it('rejects an answer that is no chat completion', async () => {
    const answers = ['<html>', 'null', '[]', '{"choices":[]}']
    const driver = await body((response) => {
      const headers = { 'content-type': answers.length === 4 ? 'text/html' : 'application/json' }
      response.writeHead(200, headers).end(answers.shift())
    })
    for (const _ of [1, 2, 3, 4]) expect((await failure(chat(driver))).code).toBe('AIOS_LLM_SERVER')
  })

  it('rejects a body that is no JSON although it says so', async () => {
    const driver = await body((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"cho'),
    )
    expect((await failure(chat(driver))).code).toBe('AIOS_LLM_SERVER')
  })

  it('finds an error inside an answer of status 200, whole or streamed', async () => {
    const driver = await body((response, request) => {
      const overflow = error({ code: 'context_length_exceeded' })
      if (request.body['stream'] === true) sse(response, [chunk({ content: 'Once' }), overflow])
      else json(response, overflow)
    })
    expect((await failure(chat(driver))).code).toBe('AIOS_LLM_CONTEXT_OVERFLOW')
    expect((await failure(streamed(driver))).code).toBe('AIOS_LLM_CONTEXT_OVERFLOW')
  })

  it.each([
    { said: { error: { code: 429, message: 'Sorry.' } }, code: 'AIOS_LLM_RATE_LIMIT', words: 'Sorry.' },
    { said: { error: 'Sorry.' }, code: 'AIOS_LLM_SERVER', words: 'Sorry.' },
    { said: {}, code: 'AIOS_LLM_SERVER', words: 'The answer ended in an error' },
  ])('finds an error inside a choice: $said', async ({ said, code, words }) => {
    const driver = await body((response, request) => {
      const failed = { index: 0, finish_reason: 'error', ...said }
      if (request.body['stream'] !== true) json(response, { choices: [{ ...failed, message: { content: '' } }] })
      else sse(response, [chunk({ content: 'Once' }), { choices: [{ ...failed, delta: { content: '' } }] }])
    })
    const expected = { code, retryable: true, message: expect.stringContaining(words) as unknown }
    expect(await failure(chat(driver))).toMatchObject(expected)
    expect(await failure(streamed(driver))).toMatchObject(expected)
  })

  it('rejects a frame that is no JSON', async () => {
    const driver = await body((response) => sse(response, [chunk({ content: 'Once' }), '{"choices":[']))
    expect((await failure(streamed(driver))).code).toBe('AIOS_LLM_SERVER')
  })

  it('reports a connection that nobody answers', async () => {
    const provider = await provided(() => undefined)
    await provider.close()
    const driver = await opened({ baseURL: provider.baseURL })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_NETWORK', retryable: true })
  })

  it('reports a stream that ended cleanly but early, after its parts', async () => {
    const driver = await body((response) => sse(response, [chunk({ content: 'Once' })], []))
    const iterator = parts(driver)
    const read: StreamPart[] = []
    const failed = await failure(
      (async () => {
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) read.push(next.value)
      })(),
    )
    expect(textOf(read)).toBe('Once')
    expect(failed).toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM', retryable: true })
  })
})
