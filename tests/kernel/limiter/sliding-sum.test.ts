import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SlidingSum } from '../../../packages/kernel/src/limiter/sliding-sum.js'

const HOLD = 1_000
const SLOT = 100

it('counts an amount for its time at least, and one slot longer at most', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 1, max: 50 })), { minLength: 1 })
  fc.assert(
    fc.property(steps, (gaps) => {
      const sum = new SlidingSum(HOLD, SLOT)
      const added: { at: number; amount: number }[] = []
      let now = 0
      for (const [gap, amount] of gaps) {
        now += gap
        const since = (ms: number): number =>
          added.filter(({ at }) => at > now - ms).reduce((all, one) => all + one.amount, 0)
        expect(sum.total(now)).toBeGreaterThanOrEqual(since(HOLD))
        expect(sum.total(now)).toBeLessThanOrEqual(since(HOLD + SLOT + 1))
        sum.add(amount, now, now)
        added.push({ at: now, amount })
      }
    }),
  )
})

it('says exactly when it will have fallen far enough', () => {
  const adds = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 50 })), { minLength: 1 })
  fc.assert(
    fc.property(adds, fc.integer({ min: 0, max: 200 }), (gaps, most) => {
      const sum = new SlidingSum(HOLD, SLOT)
      let now = 0
      for (const [gap, amount] of gaps) sum.add(amount, (now += gap), now)
      const wait = sum.msUntil(most, now)
      if (wait === 0) {
        expect(sum.total(now)).toBeLessThanOrEqual(most)
        return
      }
      expect(sum.total(now + wait - 1)).toBeGreaterThan(most)
      expect(sum.total(now + wait)).toBeLessThanOrEqual(most)
    }),
  )
})

it('never falls below nothing', () => {
  const sum = new SlidingSum(HOLD, SLOT)
  sum.add(1, 0, 0)
  expect(sum.msUntil(-1, 0)).toBe(Number.POSITIVE_INFINITY)
})

it('corrects an amount where it was added, and refuses to once that no longer counts', () => {
  const sum = new SlidingSum(HOLD, SLOT)
  sum.add(10, 50, 50)
  expect(sum.add(-4, 50, 900)).toBe(true)
  expect(sum.total(1_099)).toBe(6)
  expect(sum.total(1_100)).toBe(0)
  expect(sum.add(-4, 50, 1_100)).toBe(false)
  expect(sum.total(1_100)).toBe(0)
})

it('adds up fractions without drifting', () => {
  const sum = new SlidingSum(HOLD, SLOT)
  for (let now = 0; now < 1_000_000; now += 10) sum.add(0.1, now, now)
  expect(sum.total(1_000_000 + HOLD - SLOT)).toBeCloseTo(1, 12)
  expect(sum.total(1_000_000 + HOLD + SLOT)).toBe(0)
})
