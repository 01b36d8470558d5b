import * as sdk from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import { anthropicFault } from '../../../packages/llm/src/anthropic/fault.js'
import { providerError } from '../../../packages/llm/src/core/provider-error.js'
import { secretsOf } from '../../../packages/llm/src/core/secrets.js'
import { refusal } from './messages.js'

const NOW = Date.parse('2026-11-01T12:00:00Z')
const faultOf = (error: unknown) => anthropicFault(error, sdk, NOW)
const translated = (error: unknown) =>
  providerError(error, faultOf(error), {
    provider: 'anthropic',
    core: 'main',
    keyAdvice: 'the option apiKey',
    secrets: secretsOf([], {}),
  })
const answered = (status: number | undefined, body: object, headers = {}) =>
  status === undefined
    ? new sdk.APIError(undefined, body, undefined, new Headers(headers))
    : sdk.APIError.generate(status, body, undefined, new Headers(headers))

describe('anthropicFault', () => {
  it.each([
    [400, 'invalid_request_error', 'AIOS_LLM_BAD_REQUEST', false],
    [401, 'authentication_error', 'AIOS_LLM_AUTH', false],
    [402, 'billing_error', 'AIOS_LLM_RATE_LIMIT', false],
    [403, 'permission_error', 'AIOS_LLM_PERMISSION', false],
    [404, 'not_found_error', 'AIOS_LLM_NOT_FOUND', false],
    [409, 'conflict_error', 'AIOS_LLM_BAD_REQUEST', false],
    [413, 'request_too_large', 'AIOS_LLM_CONTEXT_OVERFLOW', false],
    [429, 'rate_limit_error', 'AIOS_LLM_RATE_LIMIT', true],
    [500, 'api_error', 'AIOS_LLM_SERVER', true],
    [504, 'timeout_error', 'AIOS_LLM_SERVER', true],
    [529, 'overloaded_error', 'AIOS_LLM_OVERLOADED', true],
  ])('calls status %i %s %s', (...[status, type, code, retryable]) => {
    expect(translated(answered(status, refusal(type)))).toMatchObject({ code, retryable, details: { status, type } })
  })

  it.each([
    ['billing_error', 'AIOS_LLM_RATE_LIMIT', false],
    ['overloaded_error', 'AIOS_LLM_OVERLOADED', true],
    ['novel_error', 'AIOS_LLM_SERVER', true],
  ])('reads the error %s inside a stream', (type, code, retryable) => {
    expect(translated(answered(undefined, refusal(type)))).toMatchObject({ code, retryable })
  })

  it('goes by no words', () => {
    const body = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'prompt is too long: 429 overloaded' },
    }
    expect(translated(answered(400, body)).code).toBe('AIOS_LLM_BAD_REQUEST')
  })

  it('does not invite to wait where a bound on spending is reached', () => {
    const body = refusal('rate_limit_error', { details: { error_code: 'enforced_spend_limit_reached' } })
    expect(translated(answered(429, body, { 'retry-after': '1' }))).toMatchObject({
      code: 'AIOS_LLM_RATE_LIMIT',
      retryable: false,
      retryAfterMs: undefined,
      details: { code: 'enforced_spend_limit_reached' },
    })
  })

  it('passes on what the headers say about the limits', () => {
    const headers = { 'retry-after': '3', 'anthropic-ratelimit-requests-remaining': '0' }
    expect(faultOf(answered(429, refusal('rate_limit_error'), headers))).toMatchObject({
      said: { retryAfterMs: 3_000, remainingRequests: 0 },
    })
  })

  it('tells a timeout, a lost connection and what is no JSON by class and code', () => {
    const lost = (code: string) => new TypeError('terminated', { cause: Object.assign(new Error(), { code }) })
    expect(translated(new sdk.APIConnectionTimeoutError()).code).toBe('AIOS_LLM_TIMEOUT')
    expect(translated(lost('UND_ERR_BODY_TIMEOUT')).code).toBe('AIOS_LLM_TIMEOUT')
    expect(translated(new sdk.APIConnectionError({ message: 'timed out' })).code).toBe('AIOS_LLM_NETWORK')
    expect(translated(lost('UND_ERR_SOCKET')).code).toBe('AIOS_LLM_NETWORK')
    expect(translated(new SyntaxError('Unexpected end')).code).toBe('AIOS_LLM_SERVER')
  })
})
