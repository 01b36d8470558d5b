import { AiosError } from '@aios/kernel'
import * as sdk from 'openai'
import { describe, expect, it } from 'vitest'
import { providerError } from '../../../packages/llm/src/core/provider-error.js'
import { secretsOf } from '../../../packages/llm/src/core/secrets.js'
import { openAiFault } from '../../../packages/llm/src/openai/fault.js'

const translated = (error: unknown) =>
  providerError(error, openAiFault(error, sdk, 0), {
    provider: 'openai',
    core: 'main',
    keyAdvice: 'the option apiKey',
    secrets: secretsOf([], {}),
  })
const answered = (status: number | undefined, error: object | undefined, headers = {}) =>
  status === undefined
    ? new sdk.APIError(undefined, error, undefined, new Headers())
    : sdk.APIError.generate(status, { error }, undefined, new Headers(headers))

describe('openAiFault', () => {
  it.each([
    [400, 'AIOS_LLM_BAD_REQUEST', false],
    [401, 'AIOS_LLM_AUTH', false],
    [402, 'AIOS_LLM_RATE_LIMIT', false],
    [403, 'AIOS_LLM_PERMISSION', false],
    [404, 'AIOS_LLM_NOT_FOUND', false],
    [408, 'AIOS_LLM_TIMEOUT', true],
    [409, 'AIOS_LLM_BAD_REQUEST', false],
    [413, 'AIOS_LLM_CONTEXT_OVERFLOW', false],
    [422, 'AIOS_LLM_BAD_REQUEST', false],
    [429, 'AIOS_LLM_RATE_LIMIT', true],
    [500, 'AIOS_LLM_SERVER', true],
    [502, 'AIOS_LLM_SERVER', true],
    [503, 'AIOS_LLM_OVERLOADED', true],
    [529, 'AIOS_LLM_OVERLOADED', true],
  ])('calls status %i %s', (status, code, retryable) => {
    expect(translated(answered(status, undefined))).toMatchObject({ code, retryable, details: { status } })
  })

  it.each([
    [400, { code: 'context_length_exceeded' }, 'AIOS_LLM_CONTEXT_OVERFLOW'],
    [400, { code: 'content_filter' }, 'AIOS_LLM_CONTENT_FILTER'],
    [400, { code: 'content_policy_violation' }, 'AIOS_LLM_CONTENT_FILTER'],
    [400, { code: 400, type: 'exceed_context_size_error' }, 'AIOS_LLM_CONTEXT_OVERFLOW'],
    [500, { code: 'content_filter' }, 'AIOS_LLM_SERVER'],
    [400, { code: 'invalid_api_key' }, 'AIOS_LLM_AUTH'],
    [400, { code: 'toString' }, 'AIOS_LLM_BAD_REQUEST'],
    [400, { message: 'context_length_exceeded, rate limit, 429' }, 'AIOS_LLM_BAD_REQUEST'],
  ])('refines status %i by the code of %j, not by its words', (status, error, code) => {
    expect(translated(answered(status, error)).code).toBe(code)
  })

  it.each([
    [{ code: 'rate_limit_exceeded' }, 'AIOS_LLM_RATE_LIMIT'],
    [{ code: null, type: 'invalid_request_error' }, 'AIOS_LLM_BAD_REQUEST'],
    [{ type: 'overloaded_error' }, 'AIOS_LLM_OVERLOADED'],
    [{ code: 429 }, 'AIOS_LLM_RATE_LIMIT'],
    [{ code: 502 }, 'AIOS_LLM_SERVER'],
    [{ code: 7 }, 'AIOS_LLM_SERVER'],
    [{ code: 'server_error' }, 'AIOS_LLM_SERVER'],
    [{}, 'AIOS_LLM_SERVER'],
  ])('reads the error %j inside a stream', (error, code) => {
    expect(translated(answered(undefined, error)).code).toBe(code)
  })

  it('does not invite to retry when the quota is used up, whichever field says so', () => {
    for (const error of [{ code: 'insufficient_quota' }, { type: 'insufficient_quota' }]) {
      expect(translated(answered(429, error, { 'retry-after': '1' }))).toMatchObject({
        code: 'AIOS_LLM_RATE_LIMIT',
        retryable: false,
        retryAfterMs: undefined,
      })
    }
  })

  it('tells what the provider named, as plain data', () => {
    const error = { code: { odd: 1 }, type: 'x', param: 'model' }
    expect(translated(answered(400, error, { 'x-request-id': 'req_1' })).details).toEqual({
      provider: 'openai',
      status: 400,
      type: 'x',
      param: 'model',
      requestId: 'req_1',
    })
  })

  it('tells a timeout from a lost connection by class and code', () => {
    const lost = (code: string) => new TypeError('terminated', { cause: Object.assign(new Error(), { code }) })
    expect(translated(new sdk.APIConnectionTimeoutError()).code).toBe('AIOS_LLM_TIMEOUT')
    expect(translated(lost('UND_ERR_BODY_TIMEOUT')).code).toBe('AIOS_LLM_TIMEOUT')
    expect(translated(lost('UND_ERR_SOCKET')).code).toBe('AIOS_LLM_NETWORK')
    expect(translated(new sdk.APIConnectionError({ message: 'timed out' })).code).toBe('AIOS_LLM_NETWORK')
    expect(translated('loose').code).toBe('AIOS_LLM_NETWORK')
  })

  it('takes what is no JSON for a fault of the server', () => {
    expect(translated(new SyntaxError('Unexpected end')).code).toBe('AIOS_LLM_SERVER')
  })

  it('keeps the cause, and leaves our own errors alone', () => {
    const cause = answered(500, undefined)
    expect(translated(cause).cause).toBe(cause)
    const own = new AiosError('AIOS_LLM_TIMEOUT', 'Ours.')
    expect(translated(own)).toBe(own)
  })
})
