import { fairShare, fifo, priority, type Sys } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { watch, type Watched } from '../../fake-drivers.js'
import { start, testBed } from '../../test-bed.js'
import { batchingMemory } from './batching-memory.js'

const add = (sys: Sys, ...contents: readonly string[]): readonly Watched[] =>
  contents.map((content) => watch(sys.memory.add({ content })))

describe('a batch', () => {
  it('starts in the same tick as the call that fills it', async () => {
    const memory = batchingMemory({ maxSize: 3, maxWaitMs: 1_000 })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    add(sys, '1', '2')
    expect(memory.runs).toEqual([])
    add(sys, '3')
    expect(memory.runs).toEqual([['1', '2', '3']])
  })

  it('starts when its oldest call has waited maxWaitMs, and no later', async () => {
    const memory = batchingMemory({ maxSize: 3, maxWaitMs: 50 })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    add(sys, '1')
    await kernel.clock.advance(30)
    add(sys, '2')
    await kernel.clock.advance(19)
    expect(memory.runs).toEqual([])
    await kernel.clock.advance(1)
    expect(memory.runs).toEqual([['1', '2']])
    add(sys, '3')
    await kernel.clock.advance(49)
    expect(memory.runs).toHaveLength(1)
    await kernel.clock.advance(1)
    expect(memory.runs.at(-1)).toEqual(['3'])
  })

  it('has at most 10 calls and waits 100 ms, where the row says nothing', async () => {
    const memory = batchingMemory()
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    add(sys, ...Array.from({ length: 11 }, (_, n) => String(n)))
    expect(memory.runs.map(({ length }) => length)).toEqual([10])
    await kernel.clock.advance(99)
    expect(memory.runs).toHaveLength(1)
    await kernel.clock.advance(1)
    expect(memory.runs.map(({ length }) => length)).toEqual([10, 1])
  })

  it('is not closed by a queue that is empty, nor kept open by one that is not', async () => {
    const memory = batchingMemory({ maxSize: 100, maxWaitMs: 100 })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    for (let n = 0; n < 25; n += 1) {
      add(sys, String(n))
      await kernel.clock.advance(10)
    }
    expect(memory.runs.map(({ length }) => length)).toEqual([10, 10])
  })

  it('with maxWaitMs 0 starts at once when a slot is free, with what queued while the last one ran', async () => {
    const memory = batchingMemory({ maxSize: 3, maxWaitMs: 0, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    add(sys, '1', '2', '3', '4', '5')
    expect(memory.runs).toEqual([['1']])
    for (const done of ['1', '2', '3', '4']) {
      memory.finish(done)
      await kernel.clock.settle()
    }
    expect(memory.runs).toEqual([['1'], ['2', '3', '4'], ['5']])
  })
})

describe('the slot of a batch', () => {
  it('is one, held from the start until the last call is settled', async () => {
    const memory = batchingMemory({ maxSize: 2, limits: { concurrency: 2 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const lane = () => kernel.stats().lanes[0]!
    add(sys, '1')
    expect(lane()).toMatchObject({ running: 0, queued: 1, started: 0 })
    add(sys, '2', '3', '4', '5', '6')
    expect(memory.runs).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
    expect(lane()).toMatchObject({ running: 2, queued: 2, started: 4 })
    memory.finish('1', '3')
    await kernel.clock.settle()
    expect(lane()).toMatchObject({ running: 2, queued: 2 })
    memory.finish('2')
    await kernel.clock.settle()
    expect(memory.runs.at(-1)).toEqual(['5', '6'])
    memory.finish()
    await kernel.clock.settle()
    expect(lane()).toMatchObject({ running: 0, queued: 0, started: 6 })
  })

  it('is taken by a closed batch before anything else', async () => {
    const memory = batchingMemory({ maxSize: 9, maxWaitMs: 50, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, policies: { memory: fifo() } })
    const { sys } = await start(kernel)
    add(sys, '1')
    for (const query of ['a', 'b']) void watch(sys.memory.retrieve({ query }))
    expect(memory.held.running).toEqual(['a'])
    await kernel.clock.advance(60)
    expect(memory.runs).toEqual([])
    memory.held.succeed('a', [])
    await kernel.clock.settle()
    expect([memory.runs, memory.held.running]).toEqual([[['1']], []])
    memory.finish()
    await kernel.clock.settle()
    expect(memory.held.running).toEqual(['b'])
  })

  it('is left to calls without batches while a batch still fills', async () => {
    const memory = batchingMemory({ maxSize: 3, maxWaitMs: 50, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    add(sys, '1')
    void watch(sys.memory.retrieve({ query: 'a' }))
    expect(memory.held.running).toEqual(['a'])
    memory.held.succeed('a', [])
    await kernel.clock.settle()
    add(sys, '2', '3')
    expect(memory.runs).toEqual([['1', '2', '3']])
  })

  it('is filled up with what waits behind calls of other rows, which then go first', async () => {
    const memory = batchingMemory({ maxSize: 3, maxWaitMs: 10, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, policies: { memory: fifo() } })
    const { sys } = await start(kernel)
    const query = (label: string) => void watch(sys.memory.retrieve({ query: label }))
    query('a')
    add(sys, '1')
    query('b')
    add(sys, '2')
    query('c')
    add(sys, '3', '4')
    await kernel.clock.advance(20)
    memory.held.succeed('a', [])
    await kernel.clock.settle()
    expect([memory.runs, memory.held.running]).toEqual([[['1', '2', '3']], []])
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1, queued: 3 })
    memory.finish()
    for (const label of ['b', 'c']) {
      await kernel.clock.settle()
      expect(memory.held.running).toEqual([label])
      memory.held.succeed(label, [])
    }
    await kernel.clock.settle()
    expect(memory.runs.at(-1)).toEqual(['4'])
  })

  it('does not let more than eight calls be passed over for that', async () => {
    const memory = batchingMemory({ maxSize: 9, maxWaitMs: 10, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, policies: { memory: fifo() } })
    const { sys } = await start(kernel)
    void watch(sys.memory.retrieve({ query: 'first' }))
    add(sys, '1')
    for (let n = 1; n <= 8; n += 1) void watch(sys.memory.retrieve({ query: String(n) }))
    add(sys, 'behind eight')
    await kernel.clock.advance(20)
    memory.held.succeed('first', [])
    await kernel.clock.settle()
    expect(memory.runs).toEqual([['1']])
  })

  it('is for each batch of the burst another one, so that kinds of rows never mix', async () => {
    const memory = batchingMemory({ maxSize: 2, limits: { concurrency: 4 } })
    const gets: string[][] = []
    const kernel = await testBed({
      memory: {
        ...memory,
        batches: {
          ...memory.batches,
          'memory.get': { maxSize: 2, run: (items) => void gets.push(items.map(({ request }) => request.id)) },
        },
      },
    })
    const { sys } = await start(kernel)
    for (const label of ['1', '2']) {
      add(sys, label)
      void watch(sys.memory.get({ id: label }))
    }
    expect([memory.runs, gets]).toEqual([[['1', '2']], [['1', '2']]])
  })
})

describe('calls that a batch is made of', () => {
  it('leave the queue in the order of the policy', async () => {
    const memory = batchingMemory({ maxSize: 3, maxWaitMs: 0, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, policies: { memory: priority() } })
    const { sys } = await start(kernel)
    add(sys, 'first')
    for (const level of [1, 5, 3, 7] as const)
      void watch(sys.memory.add({ content: `at ${level}` }, { priority: level }))
    memory.finish()
    await kernel.clock.settle()
    expect(memory.runs.at(-1)).toEqual(['at 7', 'at 5', 'at 3'])
  })

  it('are charged to their callers as they join, so that shares hold within a batch', async () => {
    const memory = batchingMemory({ maxSize: 4, maxWaitMs: 0, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, policies: { memory: fairShare() } })
    const [a, b] = [await start(kernel, { name: 'a' }), await start(kernel, { name: 'b' })]
    add(a.sys, 'first', 'a1', 'a2', 'a3', 'a4')
    add(b.sys, 'b1', 'b2', 'b3', 'b4')
    memory.finish()
    await kernel.clock.settle()
    expect(memory.runs.at(-1)!.filter((content) => content.startsWith('a'))).toHaveLength(2)
  })

  it('wait where a new policy finds them, if they have not joined', async () => {
    const memory = batchingMemory({ maxSize: 2, maxWaitMs: 10, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, policies: { memory: fifo() } })
    const { sys } = await start(kernel)
    const query = (label: string, level: 0 | 7) =>
      void watch(sys.memory.retrieve({ query: label }, { priority: level }))
    query('a', 7)
    add(sys, '1')
    query('low', 0)
    add(sys, '2')
    query('high', 7)
    await kernel.clock.advance(20)
    memory.held.succeed('a', [])
    await kernel.clock.settle()
    expect(memory.runs).toEqual([['1', '2']])
    kernel.setPolicy('memory', priority())
    memory.finish()
    await kernel.clock.settle()
    expect(memory.held.running).toEqual(['high'])
  })

  it('are not turned away by the depth of the lane while a slot is free, and are when none is', async () => {
    const memory = batchingMemory({ maxSize: 3, limits: { concurrency: 1, depth: 1 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    add(sys, '1', '2', '3')
    expect(memory.runs).toEqual([['1', '2', '3']])
    const [, refused] = add(sys, '4', '5')
    await kernel.clock.settle()
    expect(refused!.outcome).toBe('AIOS_QUEUE_FULL')
  })

  it('do not count as a queue for those who wait until the lane is ready', async () => {
    const memory = batchingMemory({ maxSize: 3, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    add(sys, '1', '2')
    const ready = watch(kernel.ready('memory'))
    await kernel.clock.settle()
    expect([ready.state, kernel.stats().lanes[0]!.queued]).toEqual(['fulfilled', 2])
  })

  it('are told of as waiting for others', async () => {
    const memory = batchingMemory({ maxSize: 3, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const { sys, process } = await start(kernel)
    add(sys, '1')
    expect(JSON.stringify(kernel.ps().find(({ pid }) => pid === process.pid))).toContain(
      'waits for others of its batch',
    )
  })
})

describe('a lane with batches', () => {
  it('lets input and output have their turn, however large the batches are', async () => {
    const memory = batchingMemory({
      maxSize: 100,
      maxWaitMs: 0,
      limits: { concurrency: 1 },
      run: (items) => {
        for (const item of items) item.reject(new Error('no'))
      },
    })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    add(sys, ...Array.from({ length: 3_000 }, (_, n) => String(n)))
    for (let hop = 0; hop < 200; hop += 1) await Promise.resolve()
    const { started } = kernel.stats().lanes[0]!
    expect(started).toBeLessThan(1_000)
    for (let turn = 0; turn < 30; turn += 1) await kernel.clock.settle()
    expect(kernel.stats().lanes[0]).toMatchObject({ started: 3_000, queued: 0, running: 0 })
  })
})
