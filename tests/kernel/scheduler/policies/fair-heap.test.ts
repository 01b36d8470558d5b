import { expect, it } from 'vitest'
import { FairHeap } from '../../../../packages/kernel/src/scheduler/policies/fair-heap.js'

const turn = (key = 0, tie = 0) => ({ key, tie, at: -1 })

it('lifts a newcomer to the least of those that wait, and never lowers one', () => {
  const heap = new FairHeap()
  const [low, high, newcomer] = [turn(10), turn(30), turn(0)]
  for (const each of [low, high, newcomer]) heap.enter(each)
  expect([low.key, high.key, newcomer.key]).toEqual([10, 30, 10])
})

it('remembers where the last one stood when nobody waits', () => {
  const heap = new FairHeap()
  const [last, next] = [turn(), turn()]
  heap.enter(last)
  heap.charge(last, 40, true)
  heap.leave(last)
  heap.charge(last, 2, false)
  heap.enter(next)
  expect(next.key).toBe(42)
})

it('keeps counters finite, whatever is charged', () => {
  const heap = new FairHeap()
  const [one, other] = [turn(), turn(0, 1)]
  for (const each of [one, other]) heap.enter(each)
  heap.charge(one, Infinity, true)
  expect(heap.first).toBe(other)
  heap.charge(one, -Infinity, true)
  heap.charge(one, 1e308, true)
  expect(Number.isFinite(one.key)).toBe(true)
})
