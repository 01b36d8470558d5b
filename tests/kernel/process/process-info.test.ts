import { defineSyscall, type Kernel } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { heldMemory, heldTools, noteOf, watch } from '../fake-drivers.js'
import { row, start, startChild, testBed } from '../test-bed.js'

const one = { concurrency: 1 }

describe('the state of a process', () => {
  it('is sleeping while nothing is outstanding', async () => {
    const kernel = await testBed({ memory: heldMemory({ onCall: noteOf }) })
    const a = await start(kernel)
    expect(a.process.state).toBe('sleeping')
    await a.sys.memory.add({ content: 'x' })
    expect(a.process.state).toBe('sleeping')
  })

  it('is running while a call of it is on a device, whatever else waits', async () => {
    const kernel = await testBed({ memory: heldMemory({ limits: one }) })
    const a = await start(kernel)
    for (const content of ['1', '2']) void watch(a.sys.memory.add({ content }))
    expect(a.process.state).toBe('running')
  })

  it('is runnable while calls of it are queued and none is on a device', async () => {
    const memory = heldMemory({ limits: one })
    const kernel = await testBed({ memory })
    const [a, b] = [await start(kernel), await start(kernel)]
    void watch(a.sys.memory.add({ content: 'a' }))
    void watch(b.sys.memory.add({ content: 'b' }))
    expect([a.process.state, b.process.state]).toEqual(['running', 'runnable'])
    memory.held.succeed('a')
    await kernel.clock.settle()
    expect([a.process.state, b.process.state]).toEqual(['sleeping', 'running'])
  })

  it('is runnable while a composite of it waits for a slot: the composite is on no device', async () => {
    const kernel = await testBed({ tools: heldTools({ limits: one }) })
    const [a, b] = [await start(kernel), await start(kernel)]
    void watch(a.sys.tool.call({ name: 'hold', input: { as: 'a' } }))
    void watch(b.sys.tool.callAll({ calls: [{ id: '1', name: 'hold', input: { as: 'b' } }] }))
    expect([a.process.state, b.process.state]).toEqual(['running', 'runnable'])
  })

  it('is running while a row without a lane does its own work', async () => {
    const slow = defineSyscall({
      name: 'test.slow',
      request: z.undefined(),
      execute: () => new Promise(() => undefined),
    })
    const kernel = await testBed({ syscalls: [slow] })
    const a = await start(kernel)
    void watch(a.sys.call('test.slow'))
    expect(a.process.state).toBe('running')
  })

  it('is sleeping in agent.wait and agent.receive', async () => {
    const kernel = await testBed()
    const [a, b] = [await start(kernel), await start(kernel)]
    void watch(a.sys.agent.receive())
    void watch(b.sys.agent.wait({ pid: a.process.pid }))
    expect([a.process.state, b.process.state]).toEqual(['sleeping', 'sleeping'])
  })

  it('is suspended, whatever it was doing, and exited in the end', async () => {
    const kernel = await testBed({ memory: heldMemory() })
    const a = await start(kernel)
    void watch(a.sys.memory.add({ content: 'x' }))
    a.process.suspend()
    expect(a.process.state).toBe('suspended')
    a.process.kill()
    expect(a.process.state).toBe('exited')
  })
})

describe('ps()', () => {
  it('shows all there is to know of a process', async () => {
    const kernel = await testBed({ memory: heldMemory({ limits: one }) })
    await kernel.clock.advance(5)
    const budget = { calls: 9, wallMs: 1_000 }
    const a = await start(kernel, { name: 'a', namespace: 'n', priority: 5, budget })
    const b = await startChild(kernel, a.sys, { name: 'b', priority: 2 })
    void watch(a.sys.memory.add({ content: '1' }))
    void watch(a.sys.memory.add({ content: '2' }))
    await b.sys.agent.send({ to: a.process.pid, message: 'hello' })
    const usage = { calls: 4, inputTokens: 0, outputTokens: 0, costUsd: 0 }
    const common = { runId: expect.stringMatching(/^[0-9a-f]{8}-1$/) as string, createdAt: 5, exitedAt: undefined }
    expect(kernel.ps()).toEqual([
      {
        ...common,
        ...{
          pid: 1,
          parentPid: 0,
          name: 'a',
          namespace: 'n',
          tenant: 'default',
          state: 'running',
          priority: 5,
          effectivePriority: 5,
          outcome: undefined,
        },
        ...{ usage, budget, mailbox: 1 },
        calls: [
          { id: 2, name: 'memory.add', state: 'running', lane: 'memory', waitsFor: undefined },
          {
            ...{ id: 3, name: 'memory.add', state: 'queued', lane: 'memory' },
            waitsFor: '3 waits for a slot of memory, held by 2',
          },
        ],
      },
      {
        ...common,
        ...{
          pid: 2,
          parentPid: 1,
          name: 'b',
          namespace: 'n',
          tenant: 'default',
          state: 'sleeping',
          priority: 2,
          effectivePriority: 2,
          outcome: undefined,
        },
        ...{ usage: { ...usage, calls: 1 }, budget: {}, mailbox: 0, calls: [] },
      },
    ])
  })

  it('counts the use of a process and its descendants, also of those that have ended', async () => {
    const kernel = await testBed({ memory: heldMemory({ onCall: noteOf }) })
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    await b.sys.memory.add({ content: 'x' })
    b.returns()
    await kernel.clock.settle()
    expect([a.process.usage.calls, row(kernel, b.pid).usage.calls]).toEqual([2, 1])
  })

  it('keeps the last 256 exited processes, with how and when they ended', async () => {
    const kernel = await testBed()
    const a = await start(kernel, { name: 'first' })
    await kernel.clock.advance(3)
    a.returns()
    await kernel.clock.advance(4)
    expect(row(kernel, 1)).toMatchObject({
      state: 'exited',
      outcome: 'fulfilled',
      createdAt: 0,
      exitedAt: 3,
      calls: [],
    })
    for (let n = 0; n < 256; n += 1) await kernel.run(() => n, undefined)
    expect(kernel.ps().map(({ pid }) => pid)).toEqual(Array.from({ length: 256 }, (_, n) => n + 2))
  })

  it('lists the living and the exited by pid', async () => {
    const kernel = await testBed({ limits: { exitedProcesses: 2 } })
    const living = await start(kernel)
    for (let n = 0; n < 3; n += 1) await kernel.run(() => n, undefined)
    await start(kernel)
    expect(kernel.ps().map(({ pid, state }) => [pid, state])).toEqual([
      [1, 'sleeping'],
      [3, 'exited'],
      [4, 'exited'],
      [5, 'sleeping'],
    ])
    living.returns()
  })

  it('gives plain data that does not change afterwards', async () => {
    const kernel: Kernel = await testBed({ memory: heldMemory() })
    const sys = kernel.sys()
    const before = kernel.ps()
    void watch(sys.memory.add({ content: 'x' }))
    expect([before[0]!.usage.calls, before[0]!.calls.length, structuredClone(before)]).toEqual([0, 0, before])
  })

  it('shows a call that waits for its input to be checked', async () => {
    const tools = heldTools()
    const prepared = { ...tools, prepare: () => new Promise<never>(() => undefined) }
    const kernel = await testBed({ tools: prepared })
    const a = await start(kernel)
    void watch(a.sys.tool.call({ name: 'hold', input: { as: 'a' } }))
    expect([a.process.state, row(kernel, 1).calls[0]]).toEqual([
      'runnable',
      {
        ...{ id: 1, name: 'tool.call', state: 'waiting', lane: 'tool' },
        waitsFor: '1 waits for a hook or a check of its input',
      },
    ])
  })
})
