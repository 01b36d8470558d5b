import { AiosError } from '@aios/kernel'
import { recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldMemory, heldTools, noteOf, watch } from '../fake-drivers.js'
import { row, start, startChild, testBed } from '../test-bed.js'

describe('kill', () => {
  it('takes the subtree, leaves first', async () => {
    const kernel = await testBed()
    const events = recordEvents(kernel, 'process:killed', 'process:exited')
    const a = await start(kernel, { name: 'a' })
    const b = await startChild(kernel, a.sys, { name: 'b' })
    await startChild(kernel, a.sys, { name: 'c' })
    await startChild(kernel, b.sys, { name: 'd' })
    a.process.kill('enough')
    await kernel.clock.settle()
    expect(events.of('process:exited').map(({ name }) => name)).toEqual(['d', 'b', 'c', 'a'])
    expect(events.of('process:exited').map(({ outcome }) => outcome)).toEqual(Array(4).fill('AIOS_PROCESS_KILLED'))
    expect(events.of('process:killed')).toHaveLength(4)
    expect(events.of('process:killed')[0]!.reason).toMatch(/Process 1 \(a\) was killed: "enough"/)
  })

  it('rejects the result and every outstanding call of the subtree', async () => {
    const memory = heldMemory({ limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    const outcomes = [
      watch(a.process.result),
      watch(a.sys.memory.add({ content: 'running' })),
      watch(a.sys.memory.add({ content: 'queued' })),
      watch(b.sys.agent.receive()),
      watch(a.sys.agent.wait({ pid: b.pid })),
    ]
    a.process.kill()
    await kernel.clock.settle()
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(5).fill('AIOS_PROCESS_KILLED'))
    expect(kernel.stats()).toMatchObject({ outstanding: 0, processes: 0 })
  })

  it('keeps what it was given as the cause', async () => {
    const kernel = await testBed()
    const reason = new Error('too slow')
    const a = await start(kernel, { name: 'a' })
    a.process.kill(reason)
    await expect(a.process.result).rejects.toMatchObject({ cause: reason, message: /was killed: too slow/ })
  })

  it('rejects the next call of an agent that goes on, as its JavaScript cannot be stopped', async () => {
    const kernel = await testBed({ memory: heldMemory() })
    const a = await start(kernel)
    a.process.kill()
    await expect(a.sys.memory.add({ content: 'x' })).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
  })

  it('keeps the slots of the killed until their driver lets go, then gives them to the next', async () => {
    const memory = heldMemory({ limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const [a, b] = [await start(kernel), await start(kernel)]
    void watch(a.sys.memory.add({ content: 'a' }))
    void watch(b.sys.memory.add({ content: 'b' }))
    a.process.kill()
    await kernel.clock.settle()
    expect([memory.held.aborted, memory.held.started]).toEqual([['a'], ['a']])
    memory.held.succeed('a')
    await kernel.clock.settle()
    expect(memory.held.started).toEqual(['a', 'b'])
  })

  it('does nothing the second time', async () => {
    const kernel = await testBed()
    const events = recordEvents(kernel, 'process:exited')
    const a = await start(kernel)
    a.process.kill('one')
    a.process.kill('two')
    await expect(a.process.result).rejects.toThrow(/one/)
    expect(events.all).toHaveLength(1)
  })

  it('aborts the signal of the process with the same error', async () => {
    const kernel = await testBed()
    const a = await start(kernel)
    const { signal } = a.sys
    expect(signal.aborted).toBe(false)
    a.process.kill()
    await expect(a.process.result).rejects.toBe(signal.reason)
  })

  it('never makes a rejection that nobody handles', async () => {
    const kernel = await testBed({ memory: heldMemory({ polite: true, limits: { concurrency: 1 } }) })
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    // Nobody looks at any of these; vitest fails the run if one of them is reported.
    void a.sys.memory.add({ content: 'running' })
    void b.sys.memory.add({ content: 'queued' })
    void b.sys.agent.receive()
    a.process.kill()
    void a.sys.memory.add({ content: 'late' })
    await kernel.clock.settle()
    expect(kernel.stats().outstanding).toBe(0)
  })
})

describe('killAll', () => {
  it('kills every process but the shared one, and leaves the kernel open', async () => {
    const kernel = await testBed({ memory: heldMemory({ onCall: noteOf }) })
    const sys = kernel.sys()
    const a = await start(kernel)
    const own = kernel.sys({ name: 'own' })
    await startChild(kernel, a.sys, { detached: true })
    kernel.killAll('stop')
    await expect(a.process.result).rejects.toThrow(/stop/)
    expect(kernel.ps().map(({ state }) => state)).toEqual(['sleeping', 'exited', 'exited', 'exited'])
    await expect(own.memory.add({ content: 'x' })).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
    expect((await sys.memory.add({ content: 'x' })).content).toBe('x')
    expect(await kernel.run(() => 'works', undefined)).toBe('works')
  })
})

describe('the end of an agent function', () => {
  it('kills its living children', async () => {
    const kernel = await testBed()
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    const c = await startChild(kernel, b.sys)
    a.returns('done')
    expect(await a.process.result).toBe('done')
    expect([1, b.pid, c.pid].map((pid) => row(kernel, pid).outcome)).toEqual([
      'fulfilled',
      'AIOS_PROCESS_KILLED',
      'AIOS_PROCESS_KILLED',
    ])
    await expect(b.sys.agent.receive()).rejects.toThrow(/parent, process 1/)
  })

  it('cancels its outstanding calls, and later ones, with AIOS_PROCESS_EXITED', async () => {
    const memory = heldMemory({ limits: { concurrency: 1 } })
    const kernel = await testBed({ memory })
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    const calls = [
      watch(a.sys.memory.add({ content: 'running' })),
      watch(a.sys.memory.add({ content: 'queued' })),
      watch(a.sys.agent.receive()),
      watch(a.sys.agent.wait({ pid: b.pid })),
    ]
    a.returns()
    await kernel.clock.settle()
    calls.push(watch(a.sys.memory.add({ content: 'late' })))
    await kernel.clock.settle()
    expect(calls.map(({ outcome }) => outcome)).toEqual(Array(5).fill('AIOS_PROCESS_EXITED'))
    expect([memory.held.aborted, memory.held.started]).toEqual([['running'], ['running']])
  })

  it('says of a thrown one what it threw', async () => {
    const kernel = await testBed()
    const events = recordEvents(kernel, 'process:exited', 'process:killed')
    const a = await start(kernel)
    const b = await start(kernel)
    const call = watch(a.sys.agent.receive())
    const error = new AiosError('AIOS_NOT_FOUND', 'gone')
    a.throws(error)
    b.throws('text')
    await expect(a.process.result).rejects.toBe(error)
    await expect(b.process.result).rejects.toBe('text')
    expect(call.error).toMatchObject({ code: 'AIOS_PROCESS_EXITED', cause: error })
    expect(events.of('process:exited').map(({ outcome }) => outcome)).toEqual(['AIOS_NOT_FOUND', 'error'])
    expect(events.of('process:killed')).toEqual([])
  })

  it('changes nothing once the process was killed', async () => {
    const kernel = await testBed()
    const [a, b] = [await start(kernel), await start(kernel)]
    for (const { process } of [a, b]) process.kill()
    a.returns('too late')
    b.throws(new Error('too late'))
    await kernel.clock.settle()
    await expect(a.process.result).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
    expect(kernel.ps().map(({ outcome }) => outcome)).toEqual(['AIOS_PROCESS_KILLED', 'AIOS_PROCESS_KILLED'])
  })
})

describe('agent.wait', () => {
  it('returns the result of a child, whether it comes before its end or after', async () => {
    const kernel = await testBed()
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    const early = watch(a.sys.agent.wait({ pid: b.pid }))
    await kernel.clock.settle()
    expect(early.outcome).toBe('pending')
    b.returns({ answer: 42 })
    await kernel.clock.settle()
    expect(early.value).toEqual({ answer: 42 })
    expect(await a.sys.agent.wait({ pid: b.pid })).toEqual({ answer: 42 })
  })

  it('lets several wait for the same process', async () => {
    const kernel = await testBed()
    const [a, b, c] = [await start(kernel), await start(kernel), await start(kernel)]
    const waits = [a, b].map(({ sys }) => watch(sys.agent.wait({ pid: c.process.pid })))
    c.returns('c')
    await kernel.clock.settle()
    expect(waits.map(({ value }) => value)).toEqual(['c', 'c'])
  })

  it('rejects with AIOS_AGENT_FAILED, cause kept, if the child threw', async () => {
    const kernel = await testBed()
    const a = await start(kernel)
    const [b, c] = [await startChild(kernel, a.sys), await startChild(kernel, a.sys)]
    const error = new Error('no luck')
    const early = watch(a.sys.agent.wait({ pid: b.pid }))
    b.throws(error)
    c.throws('text')
    await kernel.clock.settle()
    expect(early.error).toMatchObject({ code: 'AIOS_AGENT_FAILED', cause: error, details: { pid: b.pid } })
    await expect(a.sys.agent.wait({ pid: b.pid })).rejects.toMatchObject({ code: 'AIOS_AGENT_FAILED', cause: error })
    await expect(a.sys.agent.wait({ pid: c.pid })).rejects.toThrow(`Process ${c.pid} failed: text`)
  })

  it('rejects with AIOS_AGENT_FAILED if the process was killed', async () => {
    const kernel = await testBed()
    const [a, b] = [await start(kernel), await start(kernel)]
    const waiting = watch(a.sys.agent.wait({ pid: b.process.pid }))
    b.process.kill()
    await kernel.clock.settle()
    expect(waiting.error).toMatchObject({ code: 'AIOS_AGENT_FAILED', cause: { code: 'AIOS_PROCESS_KILLED' } })
  })

  it('rejects with AIOS_NO_SUCH_PROCESS for a pid that never was', async () => {
    const kernel = await testBed()
    const { sys } = await start(kernel)
    await expect(sys.agent.wait({ pid: 99 })).rejects.toMatchObject({ code: 'AIOS_NO_SUCH_PROCESS' })
    await expect(sys.agent.wait({ pid: 0 })).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL' })
  })

  it('remembers the end of a child until it was waited for, however many others ended since', async () => {
    const kernel = await testBed({ limits: { exitedProcesses: 1 } })
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    b.returns('kept')
    for (let n = 0; n < 3; n += 1) await kernel.run(() => null, undefined)
    expect(kernel.ps().map(({ pid }) => pid)).toEqual([1, 5])
    expect(await a.sys.agent.wait({ pid: b.pid })).toBe('kept')
    await expect(a.sys.agent.wait({ pid: b.pid })).rejects.toMatchObject({ code: 'AIOS_NO_SUCH_PROCESS' })
  })

  it('is told an end once: after that it is known only while the process is among the exited', async () => {
    for (const exitedProcesses of [0, 1]) {
      const kernel = await testBed({ limits: { exitedProcesses } })
      const a = await start(kernel)
      const b = await startChild(kernel, a.sys)
      const early = [watch(a.sys.agent.wait({ pid: b.pid })), watch(a.sys.agent.wait({ pid: b.pid }))]
      b.returns('told')
      await kernel.clock.settle()
      expect(early.map(({ value }) => value)).toEqual(['told', 'told'])
      const again = watch(a.sys.agent.wait({ pid: b.pid }))
      await kernel.clock.settle()
      expect([again.outcome, again.value]).toEqual(
        [
          ['AIOS_NO_SUCH_PROCESS', undefined],
          ['fulfilled', 'told'],
        ][exitedProcesses],
      )
    }
  })

  it('is told the end of a child also when another process was told first', async () => {
    const kernel = await testBed({ limits: { exitedProcesses: 0 } })
    const [a, other] = [await start(kernel), await start(kernel)]
    const b = await startChild(kernel, a.sys)
    const first = watch(other.sys.agent.wait({ pid: b.pid }))
    b.returns('told')
    await kernel.clock.settle()
    expect(first.value).toBe('told')
    expect(await a.sys.agent.wait({ pid: b.pid })).toBe('told')
    await expect(a.sys.agent.wait({ pid: b.pid })).rejects.toMatchObject({ code: 'AIOS_NO_SUCH_PROCESS' })
  })

  it('can be made again if it was given up while its answer was held for a suspended parent', async () => {
    const kernel = await testBed({ limits: { exitedProcesses: 0 } })
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    const controller = new AbortController()
    const waiting = watch(a.sys.agent.wait({ pid: b.pid }, { signal: controller.signal }))
    // The function of the child is already running when its process is suspended: it may return.
    a.process.suspend()
    b.returns('kept')
    await kernel.clock.settle()
    expect(waiting.outcome).toBe('pending')
    controller.abort('never mind')
    a.process.resume()
    await kernel.clock.settle()
    expect(waiting.error).toBe('never mind')
    expect(await a.sys.agent.wait({ pid: b.pid })).toBe('kept')
  })

  it('does not crowd out ends that nobody was told by those that somebody was', async () => {
    const kernel = await testBed({ limits: { exitedProcesses: 0 } })
    const a = await start(kernel)
    const first = await a.sys.agent.spawn({ agent: () => 'first' })
    await kernel.clock.settle()
    const told = Array.from({ length: 10_001 }, async (_, n) => {
      const { pid } = await a.sys.agent.spawn({ agent: (sys) => sys.agent.receive().then(() => n) })
      const result = a.sys.agent.wait({ pid })
      await a.sys.agent.send({ to: pid, message: 'go' })
      return result
    })
    expect((await Promise.all(told)).at(-1)).toBe(10_000)
    expect(await a.sys.agent.wait({ pid: first.pid })).toBe('first')
  })

  it('forgets the oldest of more than 10,000 ends that nobody waited for', async () => {
    const kernel = await testBed({ limits: { exitedProcesses: 0 } })
    const a = await start(kernel)
    const first = await a.sys.agent.spawn({ agent: () => 'first' })
    const second = await a.sys.agent.spawn({ agent: () => 'second' })
    for (let n = 0; n < 9_999; n += 1) void a.sys.agent.spawn({ agent: () => n })
    await kernel.clock.settle()
    await expect(a.sys.agent.wait(first)).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL' })
    await expect(a.sys.agent.wait({ pid: first.pid })).rejects.toMatchObject({ code: 'AIOS_NO_SUCH_PROCESS' })
    expect(await a.sys.agent.wait({ pid: second.pid })).toBe('second')
  })

  it('is answered with the end of its own process when both are killed at once', async () => {
    const kernel = await testBed()
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    const waiting = watch(a.sys.agent.wait({ pid: b.pid }))
    kernel.killAll()
    await kernel.clock.settle()
    expect(waiting.outcome).toBe('AIOS_PROCESS_KILLED')
  })

  it('no longer waits once it was cancelled', async () => {
    const kernel = await testBed()
    const [a, b] = [await start(kernel), await start(kernel)]
    const controller = new AbortController()
    const waiting = watch(a.sys.agent.wait({ pid: b.process.pid }, { signal: controller.signal }))
    controller.abort('never mind')
    b.returns('late')
    await kernel.clock.settle()
    expect(waiting.error).toBe('never mind')
  })
})

describe('a process that ends while a tool works for it', () => {
  it('ends the calls that the tool makes, and those of the processes that the tool spawned', async () => {
    const tools = heldTools()
    const kernel = await testBed({ tools, memory: heldMemory() })
    const a = await start(kernel)
    const call = watch(a.sys.tool.call({ name: 'hold', input: { as: 't' } }))
    const inTool = tools.held.call('t').sys
    const b = await startChild(kernel, inTool)
    const nested = [watch(inTool.memory.add({ content: 'tool' })), watch(b.sys.memory.add({ content: 'child' }))]
    a.process.kill()
    await kernel.clock.settle()
    expect([call, ...nested].map(({ outcome }) => outcome)).toEqual(Array(3).fill('AIOS_PROCESS_KILLED'))
    expect(row(kernel, b.pid).state).toBe('exited')
    await expect(inTool.memory.add({ content: 'late' })).rejects.toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
  })
})
