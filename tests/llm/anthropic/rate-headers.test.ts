import { describe, expect, it } from 'vitest'
import { anthropicRates } from '../../../packages/llm/src/anthropic/rate-headers.js'

const NOW = Date.parse('2026-11-01T12:00:00Z')
const rates = (headers: Record<string, string>) => {
  const named = Object.entries(headers).map(([name, value]): [string, string] => [
    name.includes('retry') ? name : `anthropic-ratelimit-${name}`,
    value,
  ])
  return anthropicRates(new Headers(named), NOW)
}

describe('anthropicRates', () => {
  it('reads limits, what is left and when it is whole again', () => {
    expect(
      rates({
        'requests-limit': '50',
        'requests-remaining': '49',
        'requests-reset': '2026-11-01T12:00:02Z',
        'tokens-limit': '40000',
        'tokens-remaining': '39000',
        'tokens-reset': '2026-11-01T12:00:30.5Z',
        'input-tokens-limit': '30000',
        'input-tokens-remaining': '29000',
        'retry-after': '7',
      }),
    ).toEqual({
      limitRequests: 50,
      remainingRequests: 49,
      resetRequestsMs: 2_000,
      limitTokens: 40_000,
      remainingTokens: 39_000,
      resetTokensMs: 30_500,
      retryAfterMs: 7_000,
    })
  })

  it('goes by the tokens that are used up, whichever they are', () => {
    const left = { 'tokens-remaining': '9000', 'input-tokens-remaining': '9000' }
    const out = {
      'output-tokens-remaining': '0',
      'output-tokens-limit': '8000',
      'output-tokens-reset': '2026-11-01T12:01:00Z',
    }
    expect(rates({ ...left, ...out })).toMatchObject({ remainingTokens: 0, limitTokens: 8_000, resetTokensMs: 60_000 })
  })

  it('goes by the tokens of the input where no others are told', () => {
    expect(rates({ 'input-tokens-remaining': '12', 'output-tokens-remaining': '5' })).toMatchObject({
      remainingTokens: 12,
    })
  })

  it('takes a reset that is past for now, and what cannot be read for not said', () => {
    expect(rates({ 'requests-reset': '2026-11-01T11:59:00Z' })).toMatchObject({ resetRequestsMs: 0 })
    expect(rates({ 'requests-remaining': 'many', 'tokens-remaining': '', 'tokens-reset': 'soon' })).toBeUndefined()
    expect(anthropicRates(new Headers(), NOW)).toBeUndefined()
    expect(anthropicRates(undefined, NOW)).toBeUndefined()
  })
})
