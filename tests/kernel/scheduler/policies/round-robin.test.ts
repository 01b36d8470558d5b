import { roundRobin } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldMemory, watch } from '../../fake-drivers.js'
import { start, testBed } from '../../test-bed.js'
import { taskSource } from '../task.js'

const LANE = { id: 'test', concurrency: 1 }

describe('round robin over agents', () => {
  it('lets agents take turns, one call each', () => {
    const policy = roundRobin().create(LANE)
    const make = taskSource()
    for (const agent of ['a', 'a', 'a', 'b', 'c', 'b']) policy.enqueue(make(agent), 0)
    expect(Array.from({ length: 6 }, () => policy.dequeue(0)!.id)).toEqual([1, 4, 5, 2, 6, 3])
  })

  it('lets an agent with a thousand calls delay another by one call', async () => {
    const memory = heldMemory({ limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const [a, b] = [await start(kernel), await start(kernel)]
    for (let n = 0; n < 1_000; n += 1) void watch(a.sys.memory.add({ content: `a${n}` }))
    void watch(b.sys.memory.add({ content: 'b' }))
    memory.held.succeed('a0')
    await kernel.clock.settle()
    memory.held.succeed('a1')
    await kernel.clock.settle()
    expect(memory.held.running).toEqual(['b'])
    expect(kernel.stats().lanes[0]!.policy).toBe('roundRobin')
  })

  it('serves the highest class first', () => {
    const policy = roundRobin().create(LANE)
    const make = taskSource()
    for (const [agent, priority] of [
      ['a', 3],
      ['b', 6],
      ['a', 6],
      ['b', 3],
    ] as const) {
      policy.enqueue(make(agent, { priority }), 0)
    }
    expect(Array.from({ length: 4 }, () => policy.dequeue(0)!.id)).toEqual([2, 3, 1, 4])
  })

  it('keeps the turns of the others when a call leaves from the middle', () => {
    const policy = roundRobin().create(LANE)
    const make = taskSource()
    const tasks = ['a', 'b', 'c', 'a', 'b', 'c'].map((agent) => make(agent))
    for (const task of tasks) policy.enqueue(task, 0)
    expect(policy.remove(tasks[1]!)).toBe(true)
    expect(policy.remove(tasks[4]!)).toBe(true)
    expect(policy.remove(tasks[4]!)).toBe(false)
    expect(Array.from({ length: 4 }, () => policy.dequeue(0)!.id)).toEqual([1, 3, 4, 6])
  })

  it('serves a class that won by age by age, past the turns of its agents', () => {
    const policy = roundRobin({ ageingMs: 100 }).create(LANE)
    const make = taskSource()
    const [x, y] = [make('b', { priority: 2, queuedAt: 0 }), make('a', { priority: 2, queuedAt: 1 })]
    const z = make('b', { priority: 2, queuedAt: 2 })
    for (const task of [x, y, z]) policy.enqueue(task, task.queuedAt)
    expect(policy.dequeue(3)).toBe(x)
    // It is the turn of a; then b has waited long enough to pass the class above.
    policy.enqueue(make('c', { priority: 3, queuedAt: 300 }), 300)
    policy.remove(y)
    policy.enqueue(y, 300)
    expect(policy.dequeue(300)).toBe(z)
  })

  it('lets a crowd of old calls of one agent age no faster than one call of it', () => {
    const policy = roundRobin({ ageingMs: 10 }).create(LANE)
    const make = taskSource()
    const old = [make('a', { priority: 6, queuedAt: 0 }), make('a', { priority: 6, queuedAt: 1 })]
    for (const task of old) policy.enqueue(task, task.queuedAt)
    policy.enqueue(make('b', { priority: 7, queuedAt: 50 }), 50)
    expect([policy.dequeue(81), policy.dequeue(81)?.id, policy.dequeue(81)]).toEqual([old[0], 3, old[1]])
  })

  it('forgets an agent when its last call leaves', () => {
    const policy = roundRobin().create(LANE)
    const make = taskSource()
    const [a1, a2, b] = [make('a'), make('a'), make('b')]
    policy.enqueue(a1, 0)
    policy.enqueue(b, 0)
    expect(policy.dequeue(0)).toBe(a1)
    policy.enqueue(a2, 0)
    expect([policy.dequeue(0), policy.dequeue(0), policy.dequeue(0), policy.size]).toEqual([b, a2, undefined, 0])
  })
})
