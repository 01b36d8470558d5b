import { roundRobin } from '@aios/kernel'
import { expect, it } from 'vitest'
import { taskSource } from '../task.js'

const LANE = { id: 'test', concurrency: 1 }

it('counts the age of a tree that was idle from when it waits again', () => {
  const policy = roundRobin({ ageingMs: 100 }).create(LANE)
  const make = taskSource()
  policy.enqueue(make('a', { priority: 2, queuedAt: 0 }), 0)
  policy.dequeue(0)
  const [low, high] = [make('a', { priority: 2, queuedAt: 5_000 }), make('b', { priority: 6, queuedAt: 5_000 })]
  policy.enqueue(low, 5_000)
  policy.enqueue(high, 5_000)
  expect(policy.dequeue(5_001)).toBe(high)
  expect(policy.dequeue(5_001)).toBe(low)
})

it('serves a tree that was idle in its turn', () => {
  const policy = roundRobin({ ageingMs: 100 }).create(LANE)
  const make = taskSource()
  policy.enqueue(make('a'), 0)
  policy.dequeue(0)
  const tasks = ['a', 'b', 'a'].map((agent) => make(agent))
  for (const task of tasks) policy.enqueue(task, 0)
  expect(Array.from({ length: 3 }, () => policy.dequeue(0)!.id)).toEqual([2, 3, 4])
  expect(policy.dequeue(0)).toBeUndefined()
})
