import { fakeDriverCall } from '@aios/kernel/testing'
import { groq } from '@aios/llm/groq'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { chat, failure, HELLO, parts, streamed } from '../core/asking.js'
import { EVENT_STREAM, json, providerPool, sse, type Play } from '../core/provider.js'
import { chunk, completion } from '../openai/completions.js'
import { KEY, opened } from './opened.js'

const { provided, closeAll } = providerPool()
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await closeAll()
})

const served = (play: Play) => provided(play).then(({ baseURL }) => opened({ baseURL }))
const error = (fields: Record<string, unknown> = {}) => ({ error: { message: 'Sorry.', ...fields } })

describe('what goes wrong at Groq', () => {
  it.each([
    [401, { code: 'invalid_api_key', type: 'invalid_request_error' }, 'AIOS_LLM_AUTH'],
    [404, { code: 'model_not_found', type: 'invalid_request_error' }, 'AIOS_LLM_NOT_FOUND'],
    [400, { code: 'context_length_exceeded', type: 'invalid_request_error' }, 'AIOS_LLM_CONTEXT_OVERFLOW'],
    [400, { code: 'content_filter' }, 'AIOS_LLM_CONTENT_FILTER'],
    [400, { code: 'tool_use_failed', type: 'invalid_request_error' }, 'AIOS_LLM_BAD_REQUEST'],
    [413, { code: 'rate_limit_exceeded', type: 'tokens' }, 'AIOS_LLM_CONTEXT_OVERFLOW'],
    [429, { code: 'rate_limit_exceeded', type: 'tokens' }, 'AIOS_LLM_RATE_LIMIT'],
    [498, { type: 'capacity_exceeded' }, 'AIOS_LLM_OVERLOADED'],
    [500, {}, 'AIOS_LLM_SERVER'],
    [503, {}, 'AIOS_LLM_OVERLOADED'],
    [529, {}, 'AIOS_LLM_OVERLOADED'],
  ])('by status %i and %j is %s', async (status, fields, code) => {
    const driver = await served((response) => json(response, error(fields), { status }))
    for (const ask of [chat, streamed])
      expect(await failure(ask(driver))).toMatchObject({ code, details: { provider: 'groq', status, ...fields } })
  })

  it('says how long to wait, and what is left', async () => {
    const headers = {
      'retry-after': '7',
      'x-ratelimit-limit-requests': '14400',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '2m59.56s',
      'x-ratelimit-remaining-tokens': '17997',
      'x-ratelimit-reset-tokens': '7.66s',
    }
    const states = [429, 200]
    const driver = await served((response) => {
      const status = states.shift()!
      json(response, status === 200 ? completion({ content: 'Hi.' }) : error(), { status, headers })
    })
    const observe = vi.fn()
    const call = fakeDriverCall({ observe })
    expect(await failure(chat(driver, HELLO, call))).toMatchObject({ retryable: true, retryAfterMs: 7_000 })
    await chat(driver, HELLO, call)
    const said = { remainingRequests: 0, resetRequestsMs: 179_560, remainingTokens: 17_997, resetTokensMs: 7_660 }
    expect(observe).toHaveBeenCalledWith(expect.objectContaining({ kind: 'overload', ...said }))
    expect(observe).toHaveBeenLastCalledWith(expect.objectContaining({ kind: 'headers', ...said }))
  })

  it('does not invite to retry when the money is gone, and does not retry by itself', async () => {
    const provider = await provided((response) => json(response, error(), { status: 402 }))
    const failed = await failure(chat(await opened({ baseURL: provider.baseURL })))
    expect(failed).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryable: false })
    expect(provider.requests).toHaveLength(1)
  })

  it('may be inside of a stream, as an error, or as the reason why it stopped', async () => {
    const ends = [error({ code: 'rate_limit_exceeded' }), { ...chunk({}), x_groq: { error: 'over capacity' } }]
    const driver = await served((response) => sse(response, [chunk({ content: 'Once' }), ends.shift()]))
    expect(await failure(streamed(driver))).toMatchObject({
      code: 'AIOS_LLM_RATE_LIMIT',
      message: expect.stringContaining('Sorry.') as unknown,
    })
    expect(await failure(streamed(driver))).toMatchObject({
      code: 'AIOS_LLM_SERVER',
      message: expect.stringContaining('over capacity') as unknown,
    })
  })

  it('may be an answer with status 200 that is an error, or a page', async () => {
    const answers = [JSON.stringify(error({ code: 'model_not_found' })), '<html>', '[]']
    const driver = await served((response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(answers.shift()),
    )
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_NOT_FOUND' })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
  })

  it('survives a gateway that answers in HTML', async () => {
    const page = `<html>${'x'.repeat(5_000)}</html>`
    const driver = await served((response) => response.writeHead(502, { 'content-type': 'text/html' }).end(page))
    const failed = await failure(streamed(driver))
    expect(failed).toMatchObject({ code: 'AIOS_LLM_SERVER', retryable: true })
    expect(failed.message.length).toBeLessThan(700)
  })

  it('ends an aborted stream with the reason of the caller, although the SDK ends it as complete', async () => {
    const driver = await served((response) => {
      response.writeHead(200, EVENT_STREAM).write(`data: ${JSON.stringify(chunk({ content: 'A' }))}\n\n`)
    })
    const controller = new AbortController()
    const iterator = parts(driver, HELLO, fakeDriverCall({ signal: controller.signal }))
    for (let next = await iterator.next(); next.value?.type !== 'text-delta';) next = await iterator.next()
    const reason = new Error('Enough.')
    controller.abort(reason)
    await expect(iterator.next()).rejects.toBe(reason)
  })
})

describe('secrets', () => {
  it('are in no error, although the provider repeats them everywhere, and in no inspection', async () => {
    const driver = await served((response, { headers }) => {
      const said = String(headers.authorization)
      json(response, error({ message: `Wrong ${said}`, code: said }), { status: 401, headers: { 'x-request-id': KEY } })
    })
    for (const shown of [await failure(chat(driver)), await failure(streamed(driver)), driver])
      expect(inspect(shown, { depth: null, showHidden: true }) + JSON.stringify(shown)).not.toContain(KEY)
    expect(inspect(groq('test-1', { apiKey: KEY }), { depth: null, showHidden: true })).not.toContain(KEY)
  })

  it('are not logged, whatever GROQ_LOG says', async () => {
    vi.stubEnv('GROQ_LOG', 'debug')
    const spies = (['debug', 'info', 'warn', 'error', 'log'] as const).map((level) => vi.spyOn(console, level))
    const driver = await served((response) => response.writeHead(200, EVENT_STREAM).end('data: {"no json\n\n'))
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_SERVER' })
    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  })
})
