import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Limiter, type TakenCost } from '../../../packages/kernel/src/limiter/limiter.js'
import type { RateLimits } from '../../../packages/kernel/src/limiter/rate-limits.js'
import { bucketProvider, calendarProvider, rollingProvider, type Arrival } from './provider.js'

const MINUTE = 60_000
const limiterOf = (limits: RateLimits): Limiter => new Limiter(limits, 'core main')
const tokens = (amount: number) => ({ tokens: amount, usd: 0 })
const usd = (amount: number) => ({ tokens: 0, usd: amount })

/** Reserves until the limiter says to wait; returns how often it could. */
function drain(limiter: Limiter, cost: { tokens: number; usd: number }, now: number): number {
  let count = 0
  while (limiter.reserve(cost, now) === 0) count += 1
  return count
}

const limits = fc.record({
  rpm: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
  tpm: fc.integer({ min: 1_000, max: 50_000 }),
  burst: fc.option(fc.constantFrom(1 / 60, 0.5, 1), { nil: undefined }),
})
const asks = fc.array(
  fc.record({
    gapMs: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 20_000 })),
    tokens: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 1_000 })),
    usedPart: fc.double({ min: 0, max: 1, noNaN: true }),
    delayMs: fc.integer({ min: 0, max: 250 }),
  }),
  { minLength: 50, maxLength: 400 },
)

describe('Limiter.reserve', () => {
  it('never lets more than a minute’s amount reach the provider in any minute, however calls arrive', () => {
    fc.assert(
      fc.property(limits, asks, (given, calls) => {
        const limiter = limiterOf(given)
        const arrivals: Arrival[] = []
        let now = 0
        for (const { gapMs, tokens: amount, usedPart, delayMs } of calls) {
          now += gapMs
          // Half of the callers wait as they are told, the others go away.
          const waitMs = limiter.reserve(tokens(amount), now)
          if (waitMs > 0 && amount % 2 === 0) continue
          if (waitMs > 0) {
            now += waitMs
            while (limiter.reserve(tokens(amount), now) > 0) now += 1
          }
          const used = Math.ceil(amount * usedPart)
          limiter.settle({ ...tokens(amount), at: limiter.time }, tokens(used), now)
          arrivals.push({ at: now + delayMs, tokens: used })
        }
        arrivals.sort((a, b) => a.at - b.at)
        const enforced = { rpm: given.rpm ?? Number.POSITIVE_INFINITY, tpm: given.tpm }
        for (const makeProvider of [rollingProvider, bucketProvider, calendarProvider]) {
          const provider = makeProvider(enforced)
          for (const arrival of arrivals) expect(provider(arrival)).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('lets a sixth of a minute’s amount go at once, and then as much as flows in', () => {
    const limiter = limiterOf({ rpm: 600 })
    expect(drain(limiter, tokens(1), 0)).toBe(100)
    expect(limiter.reserve(tokens(1), 0)).toBe(100)
    expect(drain(limiter, tokens(1), 1_000)).toBe(10)
    expect(limiterOf({ rpm: 600, burst: 1 }).reserve(tokens(1), 0)).toBe(0)
    expect(drain(limiterOf({ rpm: 600, burst: 1 }), tokens(1), 0)).toBe(600)
    expect(drain(limiterOf({ rpm: 600, burst: 1 / 60 }), tokens(1), 0)).toBe(10)
  })

  it.each([1 / 60, 1 / 6, 1])('uses 98 % of the limit and more under saturation, with a burst of %f', (burst) => {
    const limiter = limiterOf({ rpm: 600, tpm: 600_000, burst })
    let [now, used, seed] = [0, 0, 1]
    while (now < 20 * MINUTE) {
      seed = (seed * 48_271) % 2_147_483_647
      const amount = 600 + (seed % 1_800)
      for (let waitMs = limiter.reserve(tokens(amount), now); waitMs > 0; waitMs = limiter.reserve(tokens(amount), now))
        now += waitMs
      used += amount
    }
    expect(used / (600_000 * (now / MINUTE))).toBeGreaterThan(0.985)
  })

  it('takes all that a call needs, or nothing of it', () => {
    const limiter = limiterOf({ rpm: 600, tpm: 60_000, burst: 1 })
    expect(limiter.reserve(tokens(60_000), 0)).toBe(0)
    for (let time = 0; time < 100; time += 1) expect(limiter.reserve(tokens(1), 0)).toBeGreaterThan(0)
    expect(drain(limiter, tokens(0), 0)).toBe(599)
  })

  it('lets a call go that is larger than what may go at once', () => {
    const limiter = limiterOf({ tpm: 60_000 })
    expect(limiter.reserve(tokens(60_000), 0)).toBe(0)
    expect(limiter.reserve(tokens(1), 30_000)).toBeGreaterThan(0)
    expect(limiter.reserve(tokens(1), 60_400)).toBe(0)
  })

  it('makes whoever asks again as told wait once, or for one more millisecond', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 60 }), (amounts) => {
        const limiter = limiterOf({ rpm: 30, tpm: 10_000 })
        let now = 0
        for (const amount of amounts) {
          let asked = 0
          for (let waitMs = limiter.reserve(tokens(amount), now); waitMs > 0; asked += 1) {
            expect(Number.isInteger(waitMs)).toBe(true)
            now += waitMs
            waitMs = limiter.reserve(tokens(amount), now)
          }
          expect(asked).toBeLessThanOrEqual(3)
        }
      }),
    )
  })

  it('bounds the tokens and the money of a day', () => {
    const limiter = limiterOf({ tokensPerDay: 1_000, usdPerDay: 0.5 })
    expect(limiter.reserve({ tokens: 600, usd: 0.3 }, 0)).toBe(0)
    expect(limiter.reserve({ tokens: 500, usd: 0.1 }, 0)).toBe(86_400_000 + 300_000)
    expect(limiter.reserve({ tokens: 100, usd: 0.3 }, 0)).toBe(86_400_000 + 300_000)
    expect(limiter.reserve({ tokens: 400, usd: 0.2 }, 0)).toBe(0)
    expect(limiter.reserve({ tokens: 600, usd: 0.3 }, 86_400_000 + 300_000)).toBe(0)
  })

  it('counts less than one request a minute over several minutes', () => {
    const limiter = limiterOf({ rpm: 0.5 })
    expect(drain(limiter, tokens(1), 0)).toBe(1)
    expect(limiter.reserve(tokens(1), 119_000)).toBeGreaterThan(0)
    expect(limiter.reserve(tokens(1), 121_000)).toBe(0)
  })

  it('limits nothing where nothing was given', () => {
    expect(limiterOf({}).reserve(tokens(1e12), 0)).toBe(0)
  })

  it('goes on at its rate when the clock jumps back', () => {
    const limiter = limiterOf({ rpm: 60, burst: 1 })
    const start = 3_600_000
    expect(drain(limiter, tokens(1), start)).toBe(60)
    expect(limiter.reserve(tokens(1), 0)).toBeGreaterThan(50_000)
    expect(drain(limiter, tokens(1), 60_400)).toBe(60)
  })
})

describe('Limiter.settle', () => {
  const amount = fc.integer({ min: 1, max: 5_000 })

  it('gives back exactly what was not used, and takes exactly what was used beyond', () => {
    fc.assert(
      fc.property(amount, amount, fc.integer({ min: 0, max: 59_000 }), (reserved, used, afterMs) => {
        const left = (limiter: Limiter, now: number): number => {
          let [low, high] = [0, 20_000]
          while (low < high) {
            const middle = Math.ceil((low + high) / 2)
            // Asks only, by what can never be taken together with it.
            const waitMs = limiter.reserve({ tokens: middle, usd: 2 }, now)
            if (waitMs === Number.POSITIVE_INFINITY && fits(limiter, middle, now)) low = middle
            else high = middle - 1
          }
          return low
        }
        const fits = (limiter: Limiter, tokensAsked: number, now: number): boolean => {
          const at = limiter.reserve(tokens(tokensAsked), now)
          if (at > 0) return false
          limiter.settle({ ...tokens(tokensAsked), at: limiter.time }, tokens(0), now)
          return true
        }
        const [settled, exact] = [0, 1].map(() => limiterOf({ tpm: 20_000, burst: 1, usdPerDay: 1 })) as [
          Limiter,
          Limiter,
        ]
        expect(settled.reserve(tokens(reserved), 0)).toBe(0)
        settled.settle({ ...tokens(reserved), at: 0 }, tokens(used), afterMs)
        expect(exact.reserve(tokens(used), 0)).toBe(0)
        exact.settle({ ...tokens(used), at: 0 }, tokens(used), afterMs)
        for (const now of [afterMs, 60_399]) expect(left(settled, now)).toBe(left(exact, now))
      }),
      { numRuns: 50 },
    )
  })

  it('makes what was used beyond a reservation wait for', () => {
    const limiter = limiterOf({ tpm: 60_000, burst: 1 })
    expect(limiter.reserve(tokens(1_000), 0)).toBe(0)
    limiter.settle({ ...tokens(1_000), at: 0 }, tokens(60_000), 0)
    expect(limiter.reserve(tokens(6_000), 0)).toBe(60_400)
  })

  it('never blocks for more than a minute or so because a core lies about what it used', () => {
    for (const lie of [1e15, Number.NaN, Number.POSITIVE_INFINITY, -1e15]) {
      const limiter = limiterOf({ tpm: 60_000 })
      limiter.reserve(tokens(1_000), 0)
      limiter.settle({ ...tokens(1_000), at: 0 }, tokens(lie), 0)
      expect(limiter.reserve(tokens(10_000), 0)).toBeGreaterThan(0)
      expect(limiter.reserve(tokens(10_000), 71_000)).toBe(0)
    }
  })

  it('counts what a call of more than a minute used beyond its reservation, and gives nothing back for it', () => {
    const taken: TakenCost = { ...tokens(10_000), at: 0 }
    const more = limiterOf({ tpm: 60_000, burst: 1 })
    more.reserve(taken, 0)
    more.settle(taken, tokens(70_000), 120_000)
    expect(more.reserve(tokens(1), 120_000)).toBeGreaterThan(0)
    const less = limiterOf({ tpm: 60_000, burst: 1 })
    less.reserve(taken, 0)
    less.settle(taken, tokens(0), 120_000)
    expect(less.reserve(tokens(60_000), 120_000)).toBe(0)
    expect(less.reserve(tokens(1), 120_000)).toBeGreaterThan(0)
  })

  it('settles money', () => {
    const limiter = limiterOf({ usdPerDay: 1 })
    expect(limiter.reserve(usd(0.9), 0)).toBe(0)
    expect(limiter.reserve(usd(0.5), 0)).toBeGreaterThan(0)
    limiter.settle({ ...usd(0.9), at: 0 }, usd(0.25), 1_000)
    expect(limiter.reserve(usd(0.75), 1_000)).toBe(0)
  })
})

describe('Limiter.observe', () => {
  it('sends nothing until the provider wants to hear from it again, but asks after a minute', () => {
    const limiter = limiterOf({})
    limiter.observe({ kind: 'overload', retryAfterMs: 7_000 }, 0)
    expect(limiter.reserve(tokens(1), 0)).toBe(7_000)
    limiter.observe({ kind: 'overload', retryAfterMs: 1_000 }, 500)
    expect(limiter.reserve(tokens(1), 500)).toBe(6_500)
    expect(limiter.reserve(tokens(1), 7_000)).toBe(0)
    limiter.observe({ kind: 'overload', retryAfterMs: 1e12 }, 7_000)
    expect(limiter.reserve(tokens(1), 7_000)).toBe(60_000)
  })

  it('heeds a pause that is asked for beside an answer', () => {
    const limiter = limiterOf({})
    limiter.observe({ kind: 'headers', retryAfterMs: 2_000 }, 0)
    expect(limiter.reserve(tokens(1), 0)).toBe(2_000)
    expect(limiter.share(0)).toBe(1)
  })

  it('halves its rates when refused, and takes them up again', () => {
    const limiter = limiterOf({ rpm: 600 })
    limiter.observe({ kind: 'overload' }, 0)
    expect(limiter.share(0)).toBe(0.5)
    expect(drain(limiter, tokens(1), 0)).toBe(0)
    expect(drain(limiter, tokens(1), 4_000)).toBe(20)
    expect(limiter.share(1e6)).toBe(1)
    expect(drain(limiter, tokens(1), 1e6)).toBe(100)
  })

  it('asks again when the rate grows, instead of sleeping at the lowest', () => {
    const limiter = limiterOf({ rpm: 1 })
    for (let second = 0; second < 10; second += 1) limiter.observe({ kind: 'overload' }, second * 1_000)
    expect(limiter.share(9_000)).toBe(1 / 64)
    expect(limiter.reserve(tokens(1), 9_000)).toBe(10_000)
  })

  it('goes down to what the provider says is left', () => {
    const limiter = limiterOf({ rpm: 600, tpm: 60_000, burst: 1 })
    limiter.observe({ kind: 'headers', remainingRequests: 3, remainingTokens: 1_000 }, 0)
    expect(limiter.reserve(tokens(1_001), 0)).toBeGreaterThan(0)
    expect(drain(limiter, tokens(1), 0)).toBe(3)
  })

  it('never sends more than its own limits because a provider has more', () => {
    const limiter = limiterOf({ rpm: 6, burst: 1 })
    limiter.observe({ kind: 'headers', remainingRequests: 5_000, limitRequests: 10_000, resetRequestsMs: 60 }, 0)
    expect(drain(limiter, tokens(1), 0)).toBe(6)
  })

  it('slows down to a provider that gives less than was configured, without being refused', () => {
    const limiter = limiterOf({ rpm: 600 })
    // A provider with a bucket of 120 a minute; it answers at once and tells what is left.
    const perMs = 120 / MINUTE
    let [left, refused, served, now] = [120, 0, 0, 0]
    while (now < 10 * MINUTE) {
      const waitMs = Math.min(limiter.reserve(tokens(1), now) || 5, 5_000)
      if (limiter.time === now && waitMs === 5) {
        if (left >= 1) {
          left -= 1
          served += 1
        } else refused += 1
        const remainingRequests = Math.floor(left)
        const resetRequestsMs = (120 - left) / perMs
        limiter.observe({ kind: 'headers', remainingRequests, limitRequests: 120, resetRequestsMs }, now)
      }
      now += waitMs
      left = Math.min(120, left + waitMs * perMs)
    }
    expect(refused).toBe(0)
    expect(served).toBeGreaterThan(1_200)
  })

  it('does not believe a pace for more than a minute after it was told', () => {
    const limiter = limiterOf({ rpm: 60 })
    limiter.observe({ kind: 'headers', remainingRequests: 0, limitRequests: 1, resetRequestsMs: 1e12 }, 0)
    expect(limiter.reserve(tokens(1), 0)).toBe(61_000)
  })

  it('takes nonsense for silence', () => {
    const limiter = limiterOf({ rpm: 60, tpm: 60_000, burst: 1 })
    for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      limiter.observe({ kind: 'headers', remainingRequests: value, remainingTokens: value, retryAfterMs: value }, 0)
    }
    limiter.observe({ kind: 'headers', remainingTokens: 60_000, limitTokens: Number.NaN, resetTokensMs: -5 }, 0)
    expect(drain(limiter, tokens(1_000), 0)).toBe(60)
  })

  it('stays slow, and alive, under a provider that refuses for ever', () => {
    const limiter = limiterOf({ rpm: 600 })
    let [now, attempts, asked] = [0, 0, 0]
    while (now < 60 * MINUTE) {
      asked += 1
      const waitMs = limiter.reserve(tokens(1), now)
      if (waitMs === 0) {
        attempts += 1
        limiter.observe({ kind: 'overload' }, now)
      } else now += waitMs
    }
    expect(attempts).toBeGreaterThan(60)
    // A 64th of 600 is 9.4 a minute.
    expect(attempts).toBeLessThan(60 * 10)
    expect(asked).toBeLessThan(5 * attempts)
  })
})

describe('Limiter.impossible', () => {
  const limiter = limiterOf({ tpm: 10_000, tokensPerDay: 9_500.5, usdPerDay: 2 })

  it('says which limit a call can never fit, with the arithmetic', () => {
    expect(limiter.impossible(tokens(12_000))).toBe(
      'This call needs 12,000 tokens, more than the 10,000 a minute that core main may use.',
    )
    expect(limiter.impossible(tokens(9_600))).toBe(
      'This call needs 9,600 tokens, more than the 9,500.5 a day that core main may use.',
    )
    expect(limiter.impossible(usd(2.5))).toBe(
      'This call needs 2.5 US dollars, more than the 2 a day that core main may use.',
    )
  })

  it('says nothing of a call that only has to wait', () => {
    limiter.observe({ kind: 'overload', remainingTokens: 0 }, 0)
    expect(limiter.impossible({ tokens: 9_500, usd: 2 })).toBeUndefined()
    expect(limiterOf({}).impossible({ tokens: 1e12, usd: 1e12 })).toBeUndefined()
  })

  it('agrees with what is reserved: only what is impossible waits for ever', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), (amount) => {
        const fresh = limiterOf({ tpm: 10_000 })
        const waitMs = fresh.reserve(tokens(amount), 0)
        expect(waitMs === Number.POSITIVE_INFINITY).toBe(fresh.impossible(tokens(amount)) !== undefined)
      }),
    )
  })
})
