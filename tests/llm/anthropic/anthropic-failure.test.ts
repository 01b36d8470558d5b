import type { StreamPart } from '@aios/kernel'
import type { RateSignal } from '@aios/kernel/driver'
import { fakeDriverCall } from '@aios/kernel/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { chat, drained, failure, HELLO, parts, streamed, textOf } from '../core/asking.js'
import { EVENT_STREAM, json, providerPool, type Play } from '../core/provider.js'
import { concludes, frame, message, opens, piece, refusal, said, start, stream, text } from './messages.js'
import { opened } from './opened.js'

const { provided, closeAll } = providerPool()
afterEach(closeAll)

describe('what goes wrong at the provider', () => {
  const body = (play: Play) => provided(play).then(({ baseURL }) => opened({ baseURL }))
  const refusing = (status: number, type: string, headers = {}) =>
    body((response) => json(response, refusal(type), { status, headers }))

  it('names the key as the trouble when the provider does', async () => {
    const failed = await failure(chat(await refusing(401, 'authentication_error', { 'request-id': 'req_1' })))
    expect(failed).toMatchObject({
      code: 'AIOS_LLM_AUTH',
      retryable: false,
      details: { provider: 'anthropic', status: 401, type: 'authentication_error', requestId: 'req_1' },
    })
    expect(failed.message).toContain('Check the key: the option apiKey, or ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN.')
  })

  it('tells an unknown model', async () => {
    const driver = await refusing(404, 'not_found_error')
    expect(await failure(streamed(driver))).toMatchObject({ code: 'AIOS_LLM_NOT_FOUND', retryable: false })
  })

  it('tells a request that is too large from any other bad one', async () => {
    expect(await failure(chat(await refusing(413, 'request_too_large')))).toMatchObject({
      code: 'AIOS_LLM_CONTEXT_OVERFLOW',
    })
    expect(await failure(chat(await refusing(400, 'invalid_request_error')))).toMatchObject({
      code: 'AIOS_LLM_BAD_REQUEST',
    })
  })

  it('ends an answer that filled the context window, or was refused, without an error', async () => {
    const reasons = ['model_context_window_exceeded', 'refusal']
    const driver = await body((response) =>
      stream(response, [start(), ...said(0, 'Once'), ...concludes(reasons.shift())]),
    )
    const finishes = [await streamed(driver), await streamed(driver)].map((read) => read.at(-1))
    expect(finishes).toMatchObject([
      { finish: { unified: 'context-overflow' } },
      { finish: { unified: 'content-filter' } },
    ])
  })

  it('passes on how long to wait, and nothing where the provider does not say', async () => {
    const told = await refusing(429, 'rate_limit_error', { 'retry-after': '7' })
    expect(await failure(chat(told))).toMatchObject({
      code: 'AIOS_LLM_RATE_LIMIT',
      retryable: true,
      retryAfterMs: 7_000,
    })
    const silent = await refusing(429, 'rate_limit_error')
    expect(await failure(chat(silent))).toMatchObject({ code: 'AIOS_LLM_RATE_LIMIT', retryAfterMs: undefined })
  })

  it('tells the kernel what is left of its limits, of answers and refusals alike', async () => {
    const left = { 'anthropic-ratelimit-requests-remaining': '3' }
    const observed: RateSignal[] = []
    const call = fakeDriverCall({ observe: (signal) => void observed.push(signal) })
    const answering = await body((response) => json(response, message([text('Hi.')]), { headers: left }))
    await chat(answering, HELLO, call)
    await failure(chat(await refusing(429, 'rate_limit_error', left), HELLO, call))
    expect(observed).toEqual([
      { kind: 'headers', remainingRequests: 3 },
      { kind: 'overload', remainingRequests: 3 },
    ])
  })

  it('does not invite to retry when the money is gone', async () => {
    const driver = await refusing(402, 'billing_error', { 'retry-after': '1' })
    expect(await failure(chat(driver))).toMatchObject({
      code: 'AIOS_LLM_RATE_LIMIT',
      retryable: false,
      retryAfterMs: undefined,
    })
  })

  it('tells an overloaded provider from a broken one', async () => {
    const states: [number, string][] = [
      [529, 'overloaded_error'],
      [500, 'api_error'],
    ]
    const driver = await body((response) => {
      const [status, type] = states.shift()!
      json(response, refusal(type), { status })
    })
    const codes = [await failure(chat(driver)), await failure(chat(driver))].map(({ code }) => code)
    expect(codes).toEqual(['AIOS_LLM_OVERLOADED', 'AIOS_LLM_SERVER'])
  })

  it('asks once: attempts are counted elsewhere', async () => {
    const { baseURL, requests } = await provided((response) => json(response, refusal('api_error'), { status: 500 }))
    await failure(chat(await opened({ baseURL })))
    expect(requests.length).toBe(1)
    expect(requests[0]!.headers['x-stainless-retry-count']).toBe('0')
  })

  it('survives a gateway that answers in HTML, and does not repeat all of it', async () => {
    const page = `<html>${'x'.repeat(5_000)}</html>`
    const driver = await body((response) => response.writeHead(502, { 'content-type': 'text/html' }).end(page))
    const failed = await failure(streamed(driver))
    expect(failed).toMatchObject({ code: 'AIOS_LLM_SERVER', retryable: true })
    expect(failed.message.length).toBeLessThan(700)
  })

  it.each(['<html>', 'null', '[]', '{"content":"x"}', '{"con'])('rejects %s, which is no message', async (answer) => {
    const type = answer === '<html>' ? 'text/html' : 'application/json'
    const driver = await body((response) => response.writeHead(200, { 'content-type': type }).end(answer))
    expect((await failure(chat(driver))).code).toBe('AIOS_LLM_SERVER')
  })

  it.each([
    ['overloaded_error', 'AIOS_LLM_OVERLOADED'],
    ['rate_limit_error', 'AIOS_LLM_RATE_LIMIT'],
    ['timeout_error', 'AIOS_LLM_TIMEOUT'],
    ['api_error', 'AIOS_LLM_SERVER'],
  ])('finds the error %s inside an answer of status 200, whole or streamed', async (type, code) => {
    const driver = await body((response, request) => {
      if (request.body['stream'] === true) stream(response, [start(), ...said(0, 'Once'), refusal(type)])
      else json(response, refusal(type))
    })
    expect((await failure(chat(driver))).code).toBe(code)
    expect((await failure(streamed(driver))).code).toBe(code)
  })

  it('rejects a frame that is no JSON', async () => {
    const driver = await body((response) => {
      response.writeHead(200, EVENT_STREAM)
      response.end(`${frame(start())}event: content_block_start\ndata: {"type":\n\n`)
    })
    expect((await failure(streamed(driver))).code).toBe('AIOS_LLM_SERVER')
  })

  it('reports a connection that nobody answers', async () => {
    const provider = await provided(() => undefined)
    await provider.close()
    const driver = await opened({ baseURL: provider.baseURL })
    expect(await failure(chat(driver))).toMatchObject({ code: 'AIOS_LLM_NETWORK', retryable: true })
  })

  it('reports a stream that ended cleanly but early, after its parts', async () => {
    const driver = await body((response) => stream(response, [start(), ...said(0, 'Once')]))
    const read: StreamPart[] = []
    const iterator = parts(driver)
    const failed = await failure(
      (async () => {
        for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) read.push(next.value)
      })(),
    )
    expect(textOf(read)).toBe('Once')
    expect(failed).toMatchObject({ code: 'AIOS_LLM_INCOMPLETE_STREAM', retryable: true })
  })

  it('takes an answer that ignores the schema as it is', async () => {
    const driver = await body((response) => json(response, message([text('No JSON.')])))
    const request = { messages: [], responseFormat: { type: 'json' as const, schema: { type: 'object' } } }
    expect((await chat(driver, request)).parts).toEqual([{ type: 'text', text: 'No JSON.' }])
  })

  it('keeps arguments that do not parse, whole or streamed', async () => {
    const block = { type: 'tool_use', id: 'a', name: 'f', input: '{"x' }
    const driver = await body((response, request) => {
      if (request.body['stream'] !== true) return json(response, message([block], 'tool_use'))
      const json_ = piece(0, { type: 'input_json_delta', partial_json: '{"x' })
      return stream(response, [start(), opens(0, { ...block, input: {} }), json_, ...concludes('tool_use')])
    })
    const whole = (await chat(driver)).parts.at(-1)
    const streamedCall = (await drained(parts(driver))).find(({ type }) => type === 'tool-call')
    for (const call of [whole, streamedCall]) {
      expect(call).toMatchObject({
        type: 'tool-call',
        input: undefined,
        inputText: '{"x',
        invalid: expect.any(String) as string,
      })
    }
  })
})
