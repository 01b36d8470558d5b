import { fifo, priority, roundRobin, type Kernel, type Sys } from '@aios/kernel'
import { recordEvents, virtualClock } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldCore, heldMemory, noteOf, watch } from '../fake-drivers.js'
import { start, testBed } from '../test-bed.js'
import { PUMP_STARTS } from '../../../packages/kernel/src/limits.js'

describe('a lane', () => {
  it('starts a call in the same tick when a slot is free, and queues it when none is', async () => {
    const memory = heldMemory({ limits: { concurrency: 2 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    for (const content of ['1', '2', '3']) void watch(sys.memory.add({ content }))
    expect(memory.held.running).toEqual(['1', '2'])
    expect(kernel.stats().lanes[0]).toMatchObject({ concurrency: 2, running: 2, queued: 1, started: 2 })
    memory.held.succeed('2')
    await kernel.clock.settle()
    expect(memory.held.running).toEqual(['1', '3'])
  })

  it('never has more on the device than it has slots, whatever settles when', async () => {
    let [now, most] = [0, 0]
    const memory = heldMemory({
      limits: { concurrency: 3 },
      onCall: (label) => {
        now += 1
        most = Math.max(most, now)
        const value = noteOf(label)
        if (Number(label) % 3 === 0) {
          now -= 1
          return value
        }
        return Promise.resolve().then(() => {
          now -= 1
          if (Number(label) % 5 === 0) throw new Error('no')
          return value
        })
      },
    })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const calls = Array.from({ length: 100 }, (_, n) => watch(sys.memory.add({ content: String(n) })))
    await kernel.clock.settle()
    const failed = calls.filter(({ state }) => state === 'rejected').length
    expect([most, failed, memory.held.started.length]).toEqual([3, 13, 100])
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0, queued: 0, started: 100 })
  })

  it('has as many slots as limits.ts says for its kind, where the driver says nothing', async () => {
    const kernel = await testBed({ llm: heldCore(), memory: heldMemory() })
    expect(kernel.stats().lanes.map(({ concurrency }) => concurrency)).toEqual([8, 64])
  })

  it('has slots without end for a driver that asks for Infinity', async () => {
    const memory = heldMemory({ limits: { concurrency: Infinity } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    for (let n = 0; n < 500; n += 1) void watch(sys.memory.add({ content: String(n) }))
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 500, queued: 0 })
  })

  it('measures how long calls waited and took', async () => {
    const memory = heldMemory({ limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    for (const content of ['1', '2']) void watch(sys.memory.add({ content }))
    await kernel.clock.advance(30)
    memory.held.succeed('1')
    await kernel.clock.advance(12)
    memory.held.succeed('2')
    await kernel.clock.settle()
    const { wait, turnaround } = kernel.stats().lanes[0]!
    expect([wait, turnaround]).toEqual([
      expect.objectContaining({ count: 2, mean: 15, max: 30 }),
      expect.objectContaining({ count: 2, mean: 36, max: 42 }),
    ])
  })

  it('lets input and output have their turn after as many starts as a pump may make', async () => {
    const memory = heldMemory({
      limits: { concurrency: 1 },
      onCall: (label) => (label === 'first' ? undefined : noteOf(label)),
    })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    void watch(sys.memory.add({ content: 'first' }))
    for (let n = 0; n < 3_000; n += 1) void watch(sys.memory.add({ content: String(n) }))
    memory.held.succeed('first')
    await Promise.resolve()
    await Promise.resolve()
    const { started, queued } = kernel.stats().lanes[0]!
    expect([started, queued]).toEqual([1 + PUMP_STARTS, 3_000 - PUMP_STARTS])
    // What comes meanwhile queues behind those that wait.
    void watch(sys.memory.add({ content: 'late' }))
    expect(memory.held.started).not.toContain('late')
    for (let starts = 0; starts < 3_000; starts += PUMP_STARTS) await kernel.clock.settle()
    expect(memory.held.started).toHaveLength(3_002)
    expect(memory.held.started.at(-1)).toBe('late')
  })

  it('lets them have it also after some milliseconds', async () => {
    let now = 0
    // Each look at the clock takes a tenth of a millisecond.
    const clock = { ...virtualClock(), now: () => (now += 0.1) }
    const onCall = (label: string) => (label === 'first' ? undefined : noteOf(label))
    const memory = heldMemory({ limits: { concurrency: 1 }, onCall })
    const kernel = await testBed({ memory, clock })
    const { sys } = await start(kernel)
    void watch(sys.memory.add({ content: 'first' }))
    for (let n = 0; n < 500; n += 1) void watch(sys.memory.add({ content: String(n) }))
    memory.held.succeed('first')
    await Promise.resolve()
    await Promise.resolve()
    expect(kernel.stats().lanes[0]!.started).toBeLessThan(200)
    for (let turn = 0; turn < 5; turn += 1) await clock.settle()
    expect(kernel.stats().lanes[0]).toMatchObject({ started: 501, queued: 0 })
  })

  it('takes calls that a driver makes while it is being pumped, after those that wait', async () => {
    const within: { sys?: Sys } = {}
    const memory = heldMemory({
      limits: { concurrency: 2 },
      onCall: (label) => {
        if (label === 'waiting') void watch(within.sys!.memory.add({ content: 'from within' }))
        return undefined
      },
    })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    within.sys = sys
    for (const content of ['1', '2', 'waiting', 'next']) void watch(sys.memory.add({ content }))
    memory.held.succeed('1')
    memory.held.succeed('2')
    await kernel.clock.settle()
    expect(memory.held.started).toEqual(['1', '2', 'waiting', 'next'])
    memory.held.succeed('next')
    await kernel.clock.settle()
    expect(memory.held.running).toEqual(['waiting', 'from within'])
  })
})

describe('the bound of a lane', () => {
  it('turns calls away with AIOS_QUEUE_FULL, which may be tried again', async () => {
    const memory = heldMemory({ limits: { concurrency: 1, depth: 2 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    for (const content of ['1', '2', '3']) void watch(sys.memory.add({ content }))
    const refused = sys.memory.add({ content: '4' })
    await expect(refused).rejects.toMatchObject({
      code: 'AIOS_QUEUE_FULL',
      retryable: true,
      details: { lane: 'memory', depth: 2 },
    })
    await expect(refused).rejects.toThrow(/kernel\.ready\('memory'\)/)
    expect(kernel.stats().lanes[0]).toMatchObject({ queued: 2, rejected: 1 })
  })

  it('says when to try again: when what waits now will have been served, by the pace so far', async () => {
    const memory = heldMemory({ limits: { concurrency: 2, depth: 3 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const add = (content: string) => watch(sys.memory.add({ content }))
    const early = ['a', 'b', 'c', 'd', 'e', 'refused'].map(add)
    await kernel.clock.settle()
    expect(early[5]!.error).toMatchObject({ code: 'AIOS_QUEUE_FULL', retryAfterMs: undefined })
    await kernel.clock.advance(100)
    memory.held.succeed('a')
    memory.held.succeed('b')
    await kernel.clock.settle()
    for (const content of ['f', 'g']) add(content)
    const late = add('refused as well')
    await kernel.clock.settle()
    // Three wait, two at a time, 100 ms each.
    expect(late.error).toMatchObject({ code: 'AIOS_QUEUE_FULL', retryAfterMs: 150 })
  })

  it('is told once when it is reached, and once when half of it is free again', async () => {
    const memory = heldMemory({ limits: { concurrency: 1, depth: 4 } })
    const kernel = await testBed({ memory })
    const events = recordEvents(kernel, 'lane:saturated', 'lane:drained')
    const { sys } = await start(kernel)
    const fill = () => {
      for (let n = 0; n < 7; n += 1) void watch(sys.memory.add({ content: `${events.all.length}.${n}` }))
    }
    const next = async () => {
      memory.held.succeed(memory.held.running[0]!)
      await kernel.clock.settle()
    }
    fill()
    await kernel.clock.advance(5)
    expect(events.all).toEqual([{ name: 'lane:saturated', data: { lane: 'memory', queued: 4, running: 1, at: 0 } }])
    await next()
    expect(events.all).toHaveLength(1)
    await next()
    expect(events.all.slice(1)).toEqual([
      { name: 'lane:drained', data: { lane: 'memory', queued: 2, running: 0, at: 5 } },
    ])
    fill()
    await kernel.clock.settle()
    expect(events.names).toEqual(['lane:saturated', 'lane:drained', 'lane:saturated'])
  })

  it('may be 0: then a call runs at once or not at all', async () => {
    const memory = heldMemory({ limits: { concurrency: 1, depth: 0 } })
    const kernel = await testBed({ memory })
    const events = recordEvents(kernel, 'lane:saturated', 'lane:drained')
    const { sys } = await start(kernel)
    for (const content of ['1', '2']) {
      void watch(sys.memory.add({ content }))
      await expect(sys.memory.add({ content: 'refused' })).rejects.toMatchObject({ code: 'AIOS_QUEUE_FULL' })
      memory.held.succeed(content)
      await kernel.clock.settle()
    }
    expect(events.names).toEqual(['lane:saturated', 'lane:drained', 'lane:saturated', 'lane:drained'])
  })

  it('is limits.laneDepth where the driver says nothing', async () => {
    const kernel = await testBed({ memory: heldMemory({ limits: { concurrency: 1 } }), limits: { laneDepth: 1 } })
    const { sys } = await start(kernel)
    for (const content of ['1', '2']) void watch(sys.memory.add({ content }))
    await expect(sys.memory.add({ content: '3' })).rejects.toMatchObject({ details: { depth: 1 } })
  })
})

describe('setPolicy', () => {
  it('changes who goes next while calls wait; none is lost', async () => {
    const memory = heldMemory({ limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, policies: { memory: fifo() } })
    const { sys } = await start(kernel)
    for (const level of [0, 3, 7, 5] as const) {
      void watch(sys.memory.add({ content: String(level) }, { priority: level }))
    }
    kernel.setPolicy('memory', priority())
    expect(kernel.stats().lanes[0]).toMatchObject({ policy: 'priority', queued: 3 })
    for (const content of ['0', '7', '5']) {
      memory.held.succeed(content)
      await kernel.clock.settle()
    }
    expect(memory.held.started).toEqual(['0', '7', '5', '3'])
  })

  it('lets waiting calls keep their place in time', async () => {
    const memory = heldMemory({ limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, policies: { memory: roundRobin() } })
    const [a, b] = [await start(kernel), await start(kernel)]
    for (const content of ['a1', 'a2', 'a3']) void watch(a.sys.memory.add({ content }))
    await kernel.clock.advance(1)
    void watch(b.sys.memory.add({ content: 'b1' }))
    kernel.setPolicy('memory', fifo())
    for (const content of ['a1', 'a2', 'a3']) {
      memory.held.succeed(content)
      await kernel.clock.settle()
    }
    expect(memory.held.started).toEqual(['a1', 'a2', 'a3', 'b1'])
  })

  it('can be called by a driver that is just being pumped', async () => {
    const within: { kernel?: Kernel } = {}
    const memory = heldMemory({
      limits: { concurrency: 1 },
      onCall: (label) => {
        if (label === '2') within.kernel!.setPolicy('memory', fifo())
        return undefined
      },
    })
    const kernel = await testBed({ memory })
    within.kernel = kernel
    const { sys } = await start(kernel)
    for (const content of ['1', '2', '3']) void watch(sys.memory.add({ content }))
    for (const content of ['1', '2', '3']) {
      memory.held.succeed(content)
      await kernel.clock.settle()
    }
    expect([memory.held.started, kernel.stats().lanes[0]!.policy]).toEqual([['1', '2', '3'], 'fifo'])
  })

  it('refuses what is no policy', async () => {
    const kernel = await testBed({ memory: heldMemory() })
    for (const wrong of [undefined, 'fifo', fifo]) {
      expect(() => {
        kernel.setPolicy('memory', wrong as never)
      }).toThrow(expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }))
    }
  })
})
