import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OverloadShare } from '../../../packages/kernel/src/limiter/overload-share.js'

describe('OverloadShare', () => {
  it('is whole until the first refusal, and halves with each, down to 1/64', () => {
    const share = new OverloadShare()
    expect(share.at(5)).toBe(1)
    const seen = Array.from({ length: 8 }, (_, n) => {
      share.refused(n * 1_000)
      return share.at(n * 1_000)
    })
    expect(seen).toEqual([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 64, 1 / 64])
  })

  it('counts the refusals of calls that were already on their way as one', () => {
    const share = new OverloadShare()
    for (let now = 0; now < 1_000; now += 10) share.refused(now)
    expect(share.at(1_000)).toBe(0.5)
    share.refused(1_000)
    expect(share.at(1_000)).toBe(0.25)
  })

  it('gets 5 % of the whole back for each quiet window, and no more than the whole', () => {
    const share = new OverloadShare()
    share.refused(0)
    expect(share.growsIn(4_000)).toBe(6_000)
    expect([9_999, 10_000, 35_000, 99_999, 100_000, 1e9].map((now) => share.at(now))).toEqual([
      0.5,
      0.55,
      expect.closeTo(0.65),
      expect.closeTo(0.95),
      expect.closeTo(1),
      1,
    ])
    expect(share.growsIn(1e9)).toBe(Number.POSITIVE_INFINITY)
  })

  it('starts its quiet window anew with every refusal', () => {
    const share = new OverloadShare()
    share.refused(0)
    share.refused(900)
    expect(share.at(10_500)).toBe(0.5)
    expect(share.at(10_900)).toBe(0.55)
  })

  it('stays from 1/64 to 1 whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50_000 }), fc.boolean())), (steps) => {
        const share = new OverloadShare()
        let now = 0
        for (const [gap, isRefused] of steps) {
          now += gap
          if (isRefused) share.refused(now)
          expect(share.at(now)).toBeGreaterThanOrEqual(1 / 64)
          expect(share.at(now)).toBeLessThanOrEqual(1)
          expect(share.growsIn(now)).toBeGreaterThan(0)
        }
      }),
    )
  })

  it('settles around what the provider bears: two thirds of it on average, refused about twice a minute', () => {
    for (const bears of [0.9, 0.5, 0.3]) {
      const share = new OverloadShare()
      let [refusals, sum] = [0, 0]
      const seconds = 3_600
      for (let second = 0; second < seconds; second += 1) {
        const now = second * 1_000
        if (share.at(now) > bears) {
          refusals += 1
          share.refused(now)
        }
        sum += Math.min(bears, share.at(now))
      }
      expect(sum / seconds / bears).toBeGreaterThan(0.66)
      expect(refusals).toBeLessThan(seconds / 25)
    }
  })
})
