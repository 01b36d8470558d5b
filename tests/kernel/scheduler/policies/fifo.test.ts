import { fifo } from '@aios/kernel'
import { expect, it } from 'vitest'
import { heldMemory, watch } from '../../fake-drivers.js'
import { start, testBed } from '../../test-bed.js'
import { taskSource } from '../task.js'

it('serves strictly in the order they came, whatever the priority or agent', () => {
  const policy = fifo().create({ id: 'test', concurrency: 1 })
  const make = taskSource()
  const tasks = [make('a', { priority: 0 }), make('b', { priority: 7 }), make('a', { priority: 7 })]
  for (const task of tasks) policy.enqueue(task, 0)
  expect([0, 1e9, 2e9].map((now) => policy.dequeue(now))).toEqual(tasks)
})

it('lets one busy agent delay all others', async () => {
  const memory = heldMemory({ limits: { concurrency: 1 } })
  const kernel = await testBed({ memory, policies: { memory: fifo() } })
  const [a, b] = [await start(kernel), await start(kernel, { priority: 7 })]
  for (const content of ['a1', 'a2', 'a3']) void watch(a.sys.memory.add({ content }))
  void watch(b.sys.memory.add({ content: 'b1' }))
  for (const content of ['a1', 'a2', 'a3']) {
    memory.held.succeed(content)
    await kernel.clock.settle()
  }
  expect(memory.held.started).toEqual(['a1', 'a2', 'a3', 'b1'])
  expect(kernel.stats().lanes[0]!.policy).toBe('fifo')
})
