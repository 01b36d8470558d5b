import type { BatchItem } from '@aios/kernel/driver'
import { AiosError } from '@aios/kernel'
import { recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldCore, reply, watch, type HeldCoreOptions } from '../../fake-drivers.js'
import { start, testBed } from '../../test-bed.js'
import { batchingMemory } from './batching-memory.js'

type ChatItem = BatchItem<unknown, ReturnType<typeof reply>>

/** A core that keeps its batches of chats; by the order in which calls were handed over. */
function batchingCore({
  maxSize = 2,
  maxWaitMs = 100,
  ...options
}: HeldCoreOptions & { maxSize?: number; maxWaitMs?: number } = {}) {
  const runs: (readonly ChatItem[])[] = []
  const run = (items: readonly ChatItem[]): Promise<void> => {
    runs.push(items)
    return new Promise(() => undefined)
  }
  return { ...heldCore(options), runs, batches: { 'llm.chat': { maxSize, maxWaitMs, run } } }
}

const prompt = { messages: [{ role: 'user' as const, content: 'x' }], maxOutputTokens: 50 }

describe('a call that leaves a batch before its start', () => {
  it('leaves no trace, by signal, deadline or kill', async () => {
    const memory = batchingMemory({ maxSize: 5, maxWaitMs: 50 })
    const kernel = await testBed({ memory })
    const { sys, process } = await start(kernel)
    const other = await start(kernel)
    const stop = new AbortController()
    const left = [
      watch(sys.memory.add({ content: 'signal' }, { signal: stop.signal })),
      watch(sys.memory.add({ content: 'deadline' }, { deadlineMs: 10 })),
    ]
    await kernel.clock.advance(5)
    const stays = watch(other.sys.memory.add({ content: 'stays' }))
    left.push(watch(sys.memory.add({ content: 'kill' })))
    stop.abort(new Error('stop'))
    await kernel.clock.advance(5)
    process.kill()
    await kernel.clock.advance(44)
    expect(memory.runs).toEqual([])
    expect(kernel.stats().lanes[0]).toMatchObject({ queued: 1, running: 0 })
    await kernel.clock.advance(1)
    expect(memory.runs).toEqual([['stays']])
    memory.finish()
    await kernel.clock.settle()
    expect(left.map(({ outcome }) => outcome)).toEqual(['Error: stop', 'AIOS_DEADLINE_EXCEEDED', 'AIOS_PROCESS_KILLED'])
    expect(stays.state).toBe('fulfilled')
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0, queued: 0, started: 1 })
  })

  it('takes its timer along, if it was the only one', async () => {
    const memory = batchingMemory({ maxWaitMs: 1_000 })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const stop = new AbortController()
    void watch(sys.memory.add({ content: '1' }, { signal: stop.signal }))
    expect(kernel.clock.pending).toBeGreaterThan(0)
    stop.abort()
    expect(kernel.clock.pending).toBe(0)
  })

  it('waits elsewhere while its process is suspended, and joins another one later', async () => {
    const memory = batchingMemory({ maxSize: 2, maxWaitMs: 50 })
    const kernel = await testBed({ memory })
    const [a, b] = [await start(kernel), await start(kernel)]
    const call = watch(a.sys.memory.add({ content: 'a' }))
    a.process.suspend()
    void watch(b.sys.memory.add({ content: 'b' }))
    await kernel.clock.advance(50)
    expect(memory.runs).toEqual([['b']])
    a.process.resume()
    await kernel.clock.advance(50)
    expect(memory.runs.at(-1)).toEqual(['a'])
    memory.finish()
    await kernel.clock.settle()
    expect(call.state).toBe('fulfilled')
  })

  it('gives back what it reserved of the limits of its provider', async () => {
    const core = batchingCore({ limits: { tpm: 600, burst: 1 } as never, estimate: () => 200 })
    const kernel = await testBed({ llm: core })
    const { sys } = await start(kernel)
    const stop = new AbortController()
    const first = { ...prompt, maxOutputTokens: 550 }
    void watch(sys.llm.chat(first, { signal: stop.signal }))
    stop.abort()
    for (let n = 0; n < 2; n += 1) void watch(sys.llm.chat(prompt))
    expect(core.runs.map(({ length }) => length)).toEqual([2])
  })

  it('leaves at once if the budget has nothing for it, and the others start', async () => {
    const core = batchingCore({ maxSize: 3, estimate: () => 50 })
    const kernel = await testBed({ llm: core })
    const rich = await start(kernel)
    const poor = await start(kernel, { budget: { tokens: 40 } })
    const tight = await start(kernel, { budget: { tokens: 150 } })
    const calls = [poor, tight, tight].map(({ sys }) => watch(sys.llm.chat(prompt)))
    await kernel.clock.settle()
    expect(core.runs.map(({ length }) => length)).toEqual([1])
    expect(calls.map(({ outcome }) => outcome)).toEqual(['AIOS_BUDGET_EXCEEDED', 'pending', 'pending'])
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1, queued: 0 })
    core.runs[0]![0]!.resolve(reply(40, 10))
    await kernel.clock.settle()
    // What was parked fits now, and waits for others again.
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0, queued: 1 })
    void watch(rich.sys.llm.chat(prompt))
    void watch(rich.sys.llm.chat(prompt))
    expect(core.runs.map(({ length }) => length)).toEqual([1, 3])
  })

  it('gives the slot back if nobody is left to start', async () => {
    const core = batchingCore({ limits: { concurrency: 1 }, estimate: () => 50 })
    const kernel = await testBed({ llm: core })
    const poor = await start(kernel, { budget: { tokens: 40 } })
    const calls = [0, 1].map(() => watch(poor.sys.llm.chat(prompt)))
    await kernel.clock.settle()
    expect(calls.map(({ outcome }) => outcome)).toEqual(['AIOS_BUDGET_EXCEEDED', 'AIOS_BUDGET_EXCEEDED'])
    expect([core.runs, kernel.stats().lanes[0]!.running]).toEqual([[], 0])
  })

  it('lets those start who waited for its turn at a budget, though nothing else ends', async () => {
    const core = batchingCore({ maxSize: 2, estimate: () => 50, limits: { concurrency: 8 } })
    const kernel = await testBed({ llm: core })
    const { sys } = await start(kernel, { budget: { tokens: 200 } })
    for (let n = 0; n < 4; n += 1) void watch(sys.llm.chat(prompt))
    await kernel.clock.settle()
    expect(core.runs.map(({ length }) => length)).toEqual([2])
    core.runs[0]![0]!.resolve(reply(1, 1))
    core.runs[0]![1]!.resolve(reply(1, 1))
    await kernel.clock.advance(100)
    expect(core.runs.map(({ length }) => length)).toEqual([2, 1])
    core.runs[1]![0]!.resolve(reply(1, 1))
    await kernel.clock.advance(100)
    expect(core.runs.map(({ length }) => length)).toEqual([2, 1, 1])
  })
})

describe('a call that is given up after the start of its batch', () => {
  it('rejects at once, and its share of the slot comes back when the driver settles it', async () => {
    const memory = batchingMemory({ maxSize: 2, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const stop = new AbortController()
    const given = watch(sys.memory.add({ content: '1' }, { signal: stop.signal }))
    void watch(sys.memory.add({ content: '2' }))
    stop.abort(new Error('stop'))
    await kernel.clock.settle()
    expect(given.outcome).toBe('Error: stop')
    expect(memory.item('1').call.signal.aborted).toBe(true)
    expect(memory.item('2').call.signal.aborted).toBe(false)
    memory.finish('2')
    await kernel.clock.settle()
    expect(kernel.stats().lanes[0]!.running).toBe(1)
    memory.item('1').reject(new Error('aborted'))
    await kernel.clock.settle()
    expect(kernel.stats().lanes[0]!.running).toBe(0)
  })

  it('gives its share back after abandonAfterMs, if the driver never does', async () => {
    const memory = batchingMemory({ maxSize: 2, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory, limits: { abandonAfterMs: 500 } })
    const events = recordEvents(kernel)
    const { process, sys } = await start(kernel)
    for (const content of ['1', '2']) void watch(sys.memory.add({ content }))
    process.kill()
    await kernel.clock.advance(499)
    expect(kernel.stats().lanes[0]!.running).toBe(1)
    await kernel.clock.advance(1)
    expect(kernel.stats().lanes[0]!.running).toBe(0)
    memory.finish()
    await kernel.clock.settle()
    expect(kernel.stats().lanes[0]!.running).toBe(0)
    const why = events.all.flatMap(({ name, data }) => (name === 'driver:abandoned' ? [data] : []))
    expect(why).toMatchObject([{ why: 'slot-reclaimed' }, { why: 'slot-reclaimed' }])
  })

  it('frees the slot for the next batch, however its members end', async () => {
    const memory = batchingMemory({ maxSize: 2, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const [a, b] = [await start(kernel), await start(kernel)]
    void watch(a.sys.memory.add({ content: '1' }))
    void watch(b.sys.memory.add({ content: '2' }))
    for (const content of ['3', '4']) void watch(b.sys.memory.add({ content }))
    a.process.kill()
    memory.finish('1', '2')
    await kernel.clock.settle()
    expect(memory.runs).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
    memory.finish()
    await kernel.clock.settle()
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0, queued: 0 })
  })

  it('keeps its result until its process is resumed, while the slot comes back', async () => {
    const memory = batchingMemory({ maxSize: 1 })
    const kernel = await testBed({ memory })
    const { process, sys } = await start(kernel)
    const call = watch(sys.memory.add({ content: '1' }))
    process.suspend()
    memory.finish()
    await kernel.clock.settle()
    expect([call.state, kernel.stats().lanes[0]!.running]).toEqual(['pending', 0])
    process.resume()
    await kernel.clock.settle()
    expect(call.state).toBe('fulfilled')
  })
})

describe('a call of a batch that fails in passing', () => {
  it('is tried again by itself, as a member of a later batch', async () => {
    const core = batchingCore()
    const kernel = await testBed({ llm: core })
    const { sys } = await start(kernel)
    const calls = [0, 1].map(() => watch(sys.llm.chat(prompt)))
    core.runs[0]![0]!.resolve(reply(1, 1))
    core.runs[0]![1]!.reject(new AiosError('AIOS_LLM_OVERLOADED', 'Busy.'))
    await kernel.clock.settle()
    expect(calls.map(({ state }) => state)).toEqual(['fulfilled', 'pending'])
    expect(kernel.stats().lanes[0]!.running).toBe(0)
    await kernel.clock.advance(60_000)
    expect(core.runs.map(({ length }) => length)).toEqual([2, 1])
    core.runs[1]![0]!.resolve(reply(1, 1))
    await kernel.clock.settle()
    expect(calls[1]).toMatchObject({
      state: 'fulfilled',
      value: { meta: { attempts: [{ errorCode: 'AIOS_LLM_OVERLOADED' }, { errorCode: undefined }] } },
    })
  })
})

describe('a device with batches', () => {
  it('that is removed lets running batches end and rejects those that fill', async () => {
    const memory = batchingMemory({ maxSize: 2 })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const calls = ['1', '2', '3'].map((content) => watch(sys.memory.add({ content })))
    const removed = watch(kernel.devices.remove('memory'))
    await kernel.clock.settle()
    expect(calls.map(({ outcome }) => outcome)).toEqual(['pending', 'pending', 'AIOS_NO_DEVICE'])
    expect([removed.state, memory.held.closed]).toEqual(['pending', 0])
    memory.finish('1', '2')
    await kernel.clock.settle()
    expect([removed.state, memory.held.closed]).toEqual(['fulfilled', 1])
  })

  it('refuses a wait for a slot that never ends, because the batch that has it waits in turn', async () => {
    const memory = batchingMemory({ maxSize: 2, limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    for (const content of ['1', '2']) void watch(sys.memory.add({ content }))
    const outside = await start(kernel)
    const member = memory.item('1').call.sys
    const waits = watch(member.agent.wait({ pid: outside.process.pid }))
    const add = watch(outside.sys.memory.add({ content: '3' }))
    await kernel.clock.settle()
    expect([waits.outcome, add.outcome].sort()).toEqual(['AIOS_WAIT_CYCLE', 'pending'])
  })
})
