import { expect, it } from 'vitest'
import { RecentValues } from '../../../../packages/kernel/src/scheduler/policies/recent-values.js'

function valuesOf(...values: readonly number[]): RecentValues {
  const recent = new RecentValues()
  for (const value of values) recent.add(value)
  return recent
}

it('knows nothing before the first value', () => {
  expect([valuesOf().quantile(0.5), valuesOf().count]).toEqual([undefined, 0])
})

it('answers what a share of the values does not exceed', () => {
  const recent = valuesOf(5, 1, 4, 2, 3)
  expect([0, 0.1, 0.5, 0.9, 1].map((share) => recent.quantile(share))).toEqual([1, 1, 3, 5, 5])
})

it('drops the oldest beyond 32, whatever its size', () => {
  const recent = valuesOf(...Array.from({ length: 100 }, (_, n) => (n * 37) % 100))
  const last = Array.from({ length: 32 }, (_, n) => ((n + 68) * 37) % 100).sort((a, b) => a - b)
  expect([recent.count, recent.quantile(0), recent.quantile(0.5), recent.quantile(1)]).toEqual([
    32,
    last[0],
    last[16],
    last[31],
  ])
})

it('takes equal values for as many as they are', () => {
  const recent = valuesOf(...Array.from({ length: 32 }, () => 7), 1, 1)
  expect([recent.quantile(0), recent.quantile(0.05), recent.quantile(0.1)]).toEqual([1, 1, 7])
})

it('passes over what is no number', () => {
  expect(valuesOf(NaN, Infinity, 2).count).toBe(1)
})
