import { expect, it } from 'vitest'
import { SteadyTime } from '../../../packages/kernel/src/limiter/steady-time.js'

it('counts from 0 what the clock moves on, and stands still where it jumps back', () => {
  const steady = new SteadyTime()
  expect([5_000, 5_010, 10, 10, 30, 5_000].map((now) => steady.at(now))).toEqual([0, 10, 10, 10, 30, 5_000])
})
