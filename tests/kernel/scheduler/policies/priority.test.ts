import { priority, type SyscallOptions } from '@aios/kernel'
import { expect, it } from 'vitest'
import { heldMemory, watch } from '../../fake-drivers.js'
import { start, testBed } from '../../test-bed.js'
import { taskSource } from '../task.js'

it('serves 7 first and 0 last, within a class in the order of arrival over all agents', () => {
  const policy = priority().create({ id: 'test', concurrency: 1 })
  const make = taskSource()
  const given = [3, 0, 7, 3, 7].map((level, at) => make(at % 2 ? 'a' : 'b', { priority: level }))
  for (const task of given) policy.enqueue(task, 0)
  expect(given.map(() => policy.dequeue(0)!.id)).toEqual([3, 5, 1, 4, 2])
})

it('raises what waits by one class every ageingMs', () => {
  const policy = priority({ ageingMs: 100 }).create({ id: 'test', concurrency: 1 })
  const make = taskSource()
  const [low, high] = [make('a', { priority: 2, queuedAt: 0 }), make('a', { priority: 4, queuedAt: 199 })]
  policy.enqueue(low, 0)
  policy.enqueue(high, 199)
  expect(policy.dequeue(199)).toBe(high)
  policy.enqueue(high, 199)
  expect(policy.dequeue(200)).toBe(low)
})

it('bounds how long a call waits for younger ones on the lane of a kernel', async () => {
  const memory = heldMemory({ limits: { concurrency: 1 } })
  const kernel = await testBed({ memory, policies: { memory: priority({ ageingMs: 10 }) } })
  const a = await start(kernel)
  const add = (content: string, options: SyscallOptions) => void watch(a.sys.memory.add({ content }, options))
  add('first', {})
  add('low', { priority: 0 })
  const served: number[] = []
  for (let step = 0; !memory.held.started.includes('low'); step += 1) {
    add(`high ${step}`, { priority: 7 })
    memory.held.succeed(memory.held.running[0]!)
    await kernel.clock.advance(10)
    served.push(step)
  }
  // At the seventh step it has risen to 7 and is older than the call that comes then.
  expect(served).toHaveLength(8)
})
