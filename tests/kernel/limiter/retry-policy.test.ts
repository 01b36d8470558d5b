import { AiosError, type ErrorCode } from '@aios/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RetryPolicy } from '../../../packages/kernel/src/limiter/retry-policy.js'

const failure = (code: ErrorCode, options = {}): AiosError => new AiosError(code, 'It failed.', options)
const SERVER = failure('AIOS_LLM_SERVER')
const policyOf = (random = 0.5, maxAttempts?: number): RetryPolicy =>
  new RetryPolicy({ random: () => random, ...(maxAttempts === undefined ? {} : { maxAttempts }) })

describe('RetryPolicy', () => {
  it.each(['RATE_LIMIT', 'OVERLOADED', 'SERVER', 'NETWORK', 'TIMEOUT'] as const)('tries again after LLM_%s', (name) => {
    expect(policyOf().delayMs(failure(`AIOS_LLM_${name}`), 1, 0)).toBe(250)
  })

  it('lets every other error be the answer', () => {
    const others: unknown[] = [
      failure('AIOS_LLM_AUTH'),
      failure('AIOS_LLM_INVALID_OUTPUT'),
      failure('AIOS_LLM_INCOMPLETE_STREAM'),
      failure('AIOS_QUEUE_FULL'),
      failure('AIOS_LLM_RATE_LIMIT', { retryable: false }),
      new Error('AIOS_LLM_SERVER'),
      undefined,
    ]
    for (const error of others) expect(policyOf().delayMs(error, 1, 0)).toBeUndefined()
  })

  it('makes four attempts, or as many as it is told', () => {
    const attempts = (policy: RetryPolicy): number => {
      let attempt = 1
      while (policy.delayMs(SERVER, attempt, 0) !== undefined) attempt += 1
      return attempt
    }
    expect(attempts(policyOf())).toBe(4)
    expect(attempts(policyOf(0.5, 2))).toBe(2)
    expect(attempts(policyOf(0.5, 1))).toBe(1)
  })

  it('waits as long as the provider says', () => {
    expect(policyOf().delayMs(failure('AIOS_LLM_RATE_LIMIT', { retryAfterMs: 7_000 }), 3, 0)).toBe(7_000)
    expect(policyOf().delayMs(failure('AIOS_LLM_RATE_LIMIT', { retryAfterMs: 0 }), 1, 0)).toBe(0)
  })

  it('leaves a wait of more than a minute to the caller', () => {
    expect(policyOf().delayMs(failure('AIOS_LLM_RATE_LIMIT', { retryAfterMs: 60_001 }), 1, 0)).toBeUndefined()
  })

  it('else anything up to a bound that doubles, up to half a minute', () => {
    const bounds = (attempt: number) => policyOf(1 - 1e-9, 20).delayMs(SERVER, attempt, 0)
    expect([1, 2, 3, 7, 15].map((attempt) => Math.ceil(bounds(attempt) ?? 0))).toEqual([
      500, 1_000, 2_000, 30_000, 30_000,
    ])
    expect(policyOf(0).delayMs(SERVER, 3, 0)).toBe(0)
  })

  it('retries 10 times a minute without further ado, and beyond that once for ten calls', () => {
    const policy = policyOf()
    const granted = (count: number, now: number): number =>
      Array.from({ length: count }, () => policy.delayMs(SERVER, 1, now)).filter((delay) => delay !== undefined).length
    expect(granted(50, 0)).toBe(10)
    for (let call = 0; call < 100; call += 1) policy.called(1_000)
    expect(granted(50, 1_000)).toBe(10)
    expect(granted(50, 59_000)).toBe(0)
    expect(granted(50, 62_000)).toBe(10)
  })

  it('does not bury a provider that refuses for ever', () => {
    const refused = failure('AIOS_LLM_RATE_LIMIT', { retryAfterMs: 0 })
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 500 }), (gaps) => {
        const policy = policyOf()
        let [now, retries, mostPerCall] = [0, 0, 0]
        for (const gap of gaps) {
          now += gap
          policy.called(now)
          let attempt = 1
          while (policy.delayMs(refused, attempt, now) !== undefined) attempt += 1
          retries += attempt - 1
          mostPerCall = Math.max(mostPerCall, attempt)
        }
        expect(mostPerCall).toBeLessThanOrEqual(4)
        expect(retries).toBeLessThanOrEqual(10 * Math.ceil((now + 1) / 60_000) + 0.1 * gaps.length)
      }),
    )
  })

  it('counts on when the clock jumps back', () => {
    const policy = policyOf()
    for (let retry = 0; retry < 10; retry += 1) policy.delayMs(SERVER, 1, 3_600_000)
    expect(policy.delayMs(SERVER, 1, 0)).toBeUndefined()
    expect(policy.delayMs(SERVER, 1, 62_000)).toBe(250)
  })
})
