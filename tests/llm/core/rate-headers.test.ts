import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rateHeaders } from '../../../packages/llm/src/core/rate-headers.js'

const NOW = Date.parse('2026-11-22T10:00:00Z')
const read = (headers: Record<string, string>) => rateHeaders(new Headers(headers), NOW)
const reset = (text: string) => read({ 'x-ratelimit-reset-tokens': text })?.resetTokensMs

describe('rateHeaders', () => {
  it('reads what is left of which limits, and when all of it is back', () => {
    const headers = {
      'x-ratelimit-limit-requests': '600',
      'x-ratelimit-limit-tokens': '600000',
      'x-ratelimit-remaining-requests': '599',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-requests': '100ms',
      'x-ratelimit-reset-tokens': '6m0s',
      'retry-after': '2',
    }
    expect(read(headers)).toEqual({
      limitRequests: 600,
      limitTokens: 600_000,
      remainingRequests: 599,
      remainingTokens: 0,
      resetRequestsMs: 100,
      resetTokensMs: 360_000,
      retryAfterMs: 2_000,
    })
  })

  it.each([
    ['1s', 1_000],
    ['20ms', 20],
    ['6m0s', 360_000],
    ['2m59.56s', 179_560],
    ['24h0m0s', 86_400_000],
    ['1d2h', 93_600_000],
    ['0s', 0],
    ['1.5', 1_500],
    [' 7.66s ', 7_660],
  ])('reads the duration %s', (text, ms) => {
    expect(reset(text)).toBeCloseTo(ms, 6)
  })

  it('reads microseconds and nanoseconds', () => {
    expect(reset('500us')).toBeCloseTo(0.5, 9)
    expect(reset('250000ns')).toBeCloseTo(0.25, 9)
  })

  it('reads back every duration it could have been written as', () => {
    const parts = fc.record({
      h: fc.integer({ min: 0, max: 99 }),
      m: fc.integer({ min: 0, max: 59 }),
      s: fc.integer({ min: 0, max: 59 }),
      ms: fc.integer({ min: 0, max: 999 }),
    })
    fc.assert(
      fc.property(parts, ({ h, m, s, ms }) => {
        expect(reset(`${h}h${m}m${s}s${ms}ms`)).toBe(((h * 60 + m) * 60 + s) * 1_000 + ms)
      }),
    )
  })

  it('takes nonsense for silence', () => {
    for (const text of ['', ' ', 'soon', '-1s', '1x', '5 minutes', 's', '1s!', 'NaN', 'Infinity', '-3'])
      expect(reset(text)).toBeUndefined()
    for (const text of ['', 'many', '-1', 'Infinity', '1e999'])
      expect(read({ 'x-ratelimit-remaining-requests': text })).toBeUndefined()
  })

  it('keeps what it could read beside what it could not', () => {
    expect(read({ 'x-ratelimit-remaining-tokens': '5', 'x-ratelimit-limit-tokens': 'all' })).toEqual({
      remainingTokens: 5,
    })
  })

  it('says nothing where the server says nothing', () => {
    expect(read({ 'content-type': 'application/json' })).toBeUndefined()
    expect(rateHeaders(undefined, NOW)).toBeUndefined()
  })
})
