import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from '../../../packages/kernel/src/limiter/token-bucket.js'

const SECOND = 1_000
/** Holds 10, and fills by one a second. */
const small = (): TokenBucket => new TokenBucket({ capacity: 10, perMinute: 60 })

describe('TokenBucket', () => {
  it('starts full and fills at its rate, never over its capacity', () => {
    const bucket = small()
    expect(bucket.level(0)).toBe(10)
    bucket.take(8, 0)
    expect(bucket.level(3 * SECOND)).toBeCloseTo(5)
    expect(bucket.level(3_600 * SECOND)).toBe(10)
  })

  it('says how long an amount will take to be there', () => {
    const bucket = small()
    bucket.take(8, 0)
    expect(bucket.waitMs(2, 0)).toBe(0)
    expect(bucket.waitMs(6, 0)).toBeCloseTo(4 * SECOND)
    expect(bucket.waitMs(6, 4.001 * SECOND)).toBe(0)
  })

  it('lets through what is larger than itself once it is full, and then owes it', () => {
    const bucket = small()
    expect(bucket.waitMs(25, 0)).toBe(0)
    bucket.take(25, 0)
    expect(bucket.level(0)).toBe(-15)
    expect(bucket.waitMs(25, 0)).toBeCloseTo(25 * SECOND)
  })

  it('takes back what was not used, and owes what was used beyond', () => {
    const bucket = small()
    bucket.take(6, 0)
    bucket.take(-2, 0)
    expect(bucket.level(0)).toBe(6)
    bucket.take(9, 0)
    expect(bucket.level(0)).toBe(-3)
  })

  it('owes a minute of its rate at most, whatever nonsense was reported', () => {
    const bucket = small()
    bucket.take(1e15, 0)
    expect(bucket.waitMs(1, 0)).toBeCloseTo(61 * SECOND)
  })

  it('stays within its bounds whatever the clock does', () => {
    const step = fc.record({
      jump: fc.integer({ min: -10_000_000, max: 100_000 }),
      amount: fc.integer({ min: 0, max: 30 }),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const bucket = small()
        let now = 1e9
        for (const { jump, amount } of steps) {
          const before = bucket.level(now)
          now += jump
          const after = bucket.level(now)
          expect(after).toBeGreaterThanOrEqual(before)
          expect(after).toBeLessThanOrEqual(10)
          if (jump <= 0) expect(after).toBe(before)
          if (bucket.waitMs(amount, now) === 0) bucket.take(amount, now)
        }
      }),
    )
  })

  it('goes on filling after the clock jumped back', () => {
    const bucket = small()
    bucket.take(10, 3_600 * SECOND)
    expect(bucket.level(0)).toBe(0)
    expect(bucket.level(4 * SECOND)).toBeCloseTo(4)
  })

  it('gives what it holds plus what flows in, and no more, in any stretch of time', () => {
    const asks = fc.array(fc.tuple(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 1, max: 10 })))
    fc.assert(
      fc.property(asks, (gaps) => {
        const bucket = small()
        const taken: { at: number; amount: number }[] = []
        let now = 0
        for (const [gap, amount] of gaps) {
          now += gap
          if (bucket.waitMs(amount, now) > 0) continue
          bucket.take(amount, now)
          taken.push({ at: now, amount })
        }
        for (const [index, first] of taken.entries()) {
          let sum = 0
          for (const { at, amount } of taken.slice(index)) {
            sum += amount
            expect(sum).toBeLessThanOrEqual(10 + (at - first.at) / SECOND + 1e-6)
          }
        }
      }),
    )
  })

  it('fills at the part of its rate that it is set to', () => {
    const bucket = small()
    bucket.take(10, 0)
    bucket.setShare(0.5, 2 * SECOND)
    expect(bucket.level(2 * SECOND)).toBeCloseTo(2)
    expect(bucket.level(6 * SECOND)).toBeCloseTo(4)
    expect(bucket.waitMs(5, 6 * SECOND)).toBeCloseTo(2 * SECOND)
  })
})

describe('TokenBucket.lower', () => {
  const free = { perMs: Number.POSITIVE_INFINITY, forMs: 0 }

  it('goes down to what the provider says is left, and never up', () => {
    const bucket = small()
    bucket.lower(4, free, 0)
    expect(bucket.level(0)).toBe(4)
    bucket.lower(9, free, 0)
    expect(bucket.level(0)).toBe(4)
  })

  it('fills at the pace of a slower provider for as long as that was said', () => {
    const bucket = small()
    bucket.lower(0, { perMs: 0.000_5, forMs: 4 * SECOND }, 0)
    expect(bucket.waitMs(1, 0)).toBeCloseTo(2 * SECOND)
    expect(bucket.waitMs(3, 0)).toBeCloseTo(5 * SECOND)
    expect(bucket.level(5 * SECOND)).toBeCloseTo(3)
  })

  it('never fills faster than its own rate because a provider does', () => {
    const bucket = small()
    bucket.lower(0, { perMs: 1, forMs: 10 * SECOND }, 0)
    expect(bucket.level(5 * SECOND)).toBeCloseTo(5)
  })

  it('does not mind the pace of a store in which plenty is left', () => {
    const bucket = small()
    bucket.lower(0, { perMs: 0.000_5, forMs: 60 * SECOND }, 0)
    bucket.lower(1_000, { perMs: 0.000_5, forMs: 60 * SECOND }, 0)
    expect(bucket.level(5 * SECOND)).toBeCloseTo(5)
  })
})
