import {
  fairShare,
  leastAttained,
  priority,
  pQueueClass,
  roundRobin,
  type PolicyDefinition,
  type PQueueAddOptions,
  type PQueueQueue,
} from '@aios/kernel'
import PQueue, { type QueueAddOptions } from 'p-queue'
import { describe, expect, it } from 'vitest'

function queueOf(definition: PolicyDefinition, concurrency = 1) {
  return new PQueue<PQueueQueue, QueueAddOptions & PQueueAddOptions>({
    concurrency,
    queueClass: pQueueClass(definition),
  })
}

/** Holds one slot of a queue until it is let go. */
function gate(): { readonly run: () => Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { run: () => opened, open: () => void open() }
}

describe('a p-queue with a policy of the kernel', () => {
  it('lets agents take turns', async () => {
    const queue = queueOf(roundRobin())
    const { run, open } = gate()
    const order: string[] = []
    const all: Promise<unknown>[] = [queue.add(run)]
    for (const agent of ['a', 'a', 'a', 'b', 'c']) all.push(queue.add(async () => void order.push(agent), { agent }))
    open()
    await Promise.all(all)
    expect(order).toEqual(['a', 'b', 'c', 'a', 'a'])
  })

  it('serves the highest priority first, and takes in what is out of range', async () => {
    const queue = queueOf(priority())
    const { run, open } = gate()
    const order: number[] = []
    const all: Promise<unknown>[] = [queue.add(run)]
    for (const level of [0, 7, 3, 99, -5]) all.push(queue.add(async () => void order.push(level), { priority: level }))
    expect([
      queue.size,
      queue.sizeBy({ priority: 7 }),
      queue.sizeBy({ priority: 0 }),
      queue.sizeBy({ priority: 4 }),
    ]).toEqual([5, 2, 2, 0])
    open()
    await Promise.all(all)
    expect(order).toEqual([7, 99, 3, 0, -5])
  })

  it('gives the longest served way to the others, by what each run counts', async () => {
    const queue = queueOf(leastAttained())
    const order: string[] = []
    const add = (agent: string, inputTokens: number) =>
      queue.add(async () => void order.push(agent), { agent, inputTokens })
    const { run, open } = gate()
    const first: Promise<unknown>[] = [queue.add(run), add('long', 50_000)]
    open()
    await Promise.all(first)
    const held = gate()
    const rest: Promise<unknown>[] = [queue.add(held.run), add('long', 10), add('new', 10)]
    held.open()
    await Promise.all(rest)
    expect(order).toEqual(['long', 'new', 'long'])
  })

  it('shares between tenants', async () => {
    const queue = queueOf(fairShare())
    const { run, open } = gate()
    const order: string[] = []
    const all: Promise<unknown>[] = [queue.add(run, { tenant: 'gate' })]
    for (let n = 0; n < 20; n += 1)
      all.push(queue.add(async () => void order.push('many'), { agent: `agent ${n}`, tenant: 'many' }))
    for (let n = 0; n < 5; n += 1)
      all.push(queue.add(async () => void order.push('one'), { agent: 'x', tenant: 'one' }))
    open()
    await Promise.all(all)
    expect(order.slice(0, 10).filter((tenant) => tenant === 'one')).toHaveLength(5)
  })

  it('moves a run whose priority is changed, and knows no run that is gone', async () => {
    const queue = queueOf(priority())
    const { run, open } = gate()
    const order: string[] = []
    const all: Promise<unknown>[] = [queue.add(run)]
    for (const id of ['x', 'y']) all.push(queue.add(async () => void order.push(id), { id }))
    queue.setPriority('y', 7)
    open()
    await Promise.all(all)
    expect(order).toEqual(['y', 'x'])
    expect(() => {
      queue.setPriority('y', 1)
    }).toThrow(/Expected the id of a run that waits, got "y"/)
  })

  it('drops a run whose signal is aborted while it waits', async () => {
    const queue = queueOf(roundRobin())
    const { run, open } = gate()
    const controller = new AbortController()
    const first = queue.add(run)
    let ran = false
    const aborted = queue.add(async () => (ran = true), { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(aborted).rejects.toThrow('enough')
    expect(queue.size).toBe(0)
    open()
    await first
    expect(ran).toBe(false)
  })

  it('passes results and errors on, and stays usable', async () => {
    const queue = queueOf(fairShare(), 2)
    await expect(queue.add(async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await queue.add(async () => 42)).toBe(42)
  })

  it('ages by the clock it is given', () => {
    let now = 0
    const queue = new (pQueueClass(priority({ ageingMs: 10 }), { now: () => now }))()
    const [low, high] = [async () => 'low', async () => 'high']
    queue.enqueue(low, { priority: 2, id: 'low' })
    now = 45
    queue.enqueue(high, { priority: 6, id: 'high' })
    expect([queue.filter({ priority: 2 }), queue.filter({ priority: 6 })]).toEqual([[low], [high]])
    queue.remove('high')
    queue.enqueue(high, { priority: 6, id: 'high' })
    return expect(queue.dequeue()!()).resolves.toBe('low')
  })

  it('refuses options that are not there', () => {
    expect(() => pQueueClass(priority(), { clock: 1 } as never)).toThrow(/only the keys now, got "clock"/)
  })
})
