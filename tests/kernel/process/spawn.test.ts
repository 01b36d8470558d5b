import { AsyncLocalStorage } from 'node:async_hooks'
import { createKernel, DEFAULT_LIMITS } from '@aios/kernel'
import { recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldMemory, heldTools, watch } from '../fake-drivers.js'
import { row, start, startChild, testBed } from '../test-bed.js'

describe('spawning', () => {
  it('gives the handle before the agent runs', async () => {
    const kernel = await testBed()
    let ran = false
    const process = kernel.spawn(() => {
      ran = true
    }, undefined)
    expect([process.pid, ran]).toEqual([1, false])
    await process.result
    expect(ran).toBe(true)
  })

  it('hands the input to the agent and resolves with what it returns, be it a promise or not', async () => {
    const kernel = await testBed()
    expect(await kernel.run((_sys, n: number) => n * 2, 21)).toBe(42)
    expect(await kernel.run(async (_sys, n: number) => n + 1, 1)).toBe(2)
  })

  it('rejects with the very error that the agent threw', async () => {
    const kernel = await testBed()
    const error = new Error('no')
    const thrower = () => {
      throw error
    }
    await expect(kernel.run(thrower, undefined)).rejects.toBe(error)
    expect(kernel.ps()[0]!.outcome).toBe('error')
  })

  it('never counts a process twice: pids grow by one', async () => {
    const kernel = await testBed()
    const pids = [1, 2, 3].map(() => kernel.spawn(() => null, undefined).pid)
    expect(pids).toEqual([1, 2, 3])
  })

  it('runs the agent in the async context of whoever spawned it', async () => {
    const kernel = await testBed()
    const storage = new AsyncLocalStorage<string>()
    const seen = await storage.run('caller', () => kernel.run(() => storage.getStore(), undefined))
    expect(seen).toBe('caller')
  })

  it('tells of a process with its pid, parent, name and time', async () => {
    const kernel = await testBed()
    const events = recordEvents(kernel, 'process:spawned', 'process:exited')
    await kernel.clock.advance(5)
    const a = await start(kernel, { name: 'a' })
    const b = await startChild(kernel, a.sys, { name: 'b' })
    expect(events.of('process:spawned')).toEqual([
      { pid: 1, parentPid: 0, name: 'a', at: 5 },
      { pid: b.pid, parentPid: 1, name: 'b', at: 5 },
    ])
    b.returns()
    await kernel.clock.settle()
    expect(events.of('process:exited')).toEqual([{ pid: b.pid, parentPid: 1, name: 'b', at: 5, outcome: 'fulfilled' }])
  })

  it('refuses what is no function', async () => {
    const kernel = await testBed()
    expect(() => kernel.spawn('agent' as never, undefined)).toThrow(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }),
    )
  })

  it('refuses an unknown option, as an exception from spawn and as a rejection from run', async () => {
    const kernel = await testBed()
    const options = { nmae: 'a' } as never
    expect(() => kernel.spawn(() => null, undefined, options)).toThrow(/got "nmae"/)
    await expect(kernel.run(() => null, undefined, options)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect(kernel.ps()).toEqual([])
  })

  it('names a run after its root: one name for a process and its descendants, another for the next root', async () => {
    const kernel = await testBed()
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    const c = await startChild(kernel, b.sys, { detached: true })
    const other = await start(kernel)
    const runOf = (pid: number): string => row(kernel, pid).runId
    expect(new Set([a.process.pid, b.pid, c.pid].map(runOf)).size).toBe(1)
    expect(runOf(other.process.pid)).not.toBe(runOf(a.process.pid))
  })
})

describe('what ends a process', () => {
  it('is its deadline, also while it is suspended', async () => {
    const kernel = await testBed()
    const a = await start(kernel, { deadlineMs: 100 })
    a.process.suspend()
    const result = watch(a.process.result)
    await kernel.clock.advance(99)
    expect(a.process.state).toBe('suspended')
    await kernel.clock.advance(1)
    expect([a.process.state, result.outcome]).toEqual(['exited', 'AIOS_DEADLINE_EXCEEDED'])
    expect(result.error).toMatchObject({ details: { deadlineMs: 100 } })
  })

  it('is its life time, which kills it and says why', async () => {
    const memory = heldMemory({ polite: true })
    const kernel = await testBed({ memory })
    const a = await start(kernel, { budget: { wallMs: 50 } })
    const call = watch(a.sys.memory.add({ content: 'x' }))
    const result = watch(a.process.result)
    await kernel.clock.advance(50)
    expect([call.outcome, result.outcome]).toEqual(['AIOS_PROCESS_KILLED', 'AIOS_PROCESS_KILLED'])
    expect((result.error as Error).cause).toMatchObject({ code: 'AIOS_BUDGET_EXCEEDED' })
    expect((result.error as Error).message).toMatch(/50 ms/)
  })

  it('is its life time without the time it was suspended', async () => {
    const kernel = await testBed()
    const a = await start(kernel, { budget: { wallMs: 50 } })
    await kernel.clock.advance(30)
    a.process.suspend()
    await kernel.clock.advance(1_000)
    a.process.resume()
    await kernel.clock.advance(19)
    expect(a.process.state).toBe('sleeping')
    await kernel.clock.advance(1)
    expect(a.process.state).toBe('exited')
  })

  it('does not let the life of a child run that is spawned below a suspended process', async () => {
    const tools = heldTools()
    const kernel = await testBed({ tools })
    const a = await start(kernel)
    void watch(a.sys.tool.call({ name: 'hold', input: { as: 't' } }))
    a.process.suspend()
    const b = await startChild(kernel, tools.held.call('t').sys, { budget: { wallMs: 10 } })
    await kernel.clock.advance(100)
    expect(row(kernel, b.pid).state).toBe('suspended')
    a.process.resume()
    await kernel.clock.advance(9)
    expect(row(kernel, b.pid).state).toBe('sleeping')
    await kernel.clock.advance(1)
    expect(row(kernel, b.pid).state).toBe('exited')
  })

  it('is its signal, whose reason is the result, untouched', async () => {
    const kernel = await testBed()
    const controller = new AbortController()
    const reason = { because: 'enough' }
    const a = await start(kernel, { signal: controller.signal })
    const call = watch(a.sys.agent.receive())
    controller.abort(reason)
    await expect(a.process.result).rejects.toBe(reason)
    expect([call.error, a.process.state]).toEqual([reason, 'exited'])
  })

  it('is a signal that aborted before: the agent never runs', async () => {
    const kernel = await testBed()
    let ran = false
    const agent = () => {
      ran = true
    }
    const process = kernel.spawn(agent, undefined, { signal: AbortSignal.abort('no') })
    await expect(process.result).rejects.toBe('no')
    await kernel.clock.settle()
    expect(ran).toBe(false)
  })

  it('leaves no listener on the signal and no timer behind', async () => {
    const kernel = await testBed()
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }
    const a = await start(kernel, { signal, deadlineMs: 1_000, budget: { wallMs: 1_000 } })
    expect([listeners, kernel.clock.pending]).toEqual([1, 1])
    a.returns()
    await a.process.result
    expect([listeners, kernel.clock.pending]).toEqual([0, 0])
  })

  it('keeps an agent that is killed before it starts from running', async () => {
    const kernel = await testBed()
    let ran = false
    const process = kernel.spawn(() => {
      ran = true
    }, undefined)
    process.kill()
    await kernel.clock.settle()
    expect(ran).toBe(false)
  })
})

describe('spawning where it is too late', () => {
  it('rejects in a kernel that is closed', async () => {
    const kernel = await createKernel()
    await kernel.close()
    expect(() => kernel.spawn(() => null, undefined)).toThrow(expect.objectContaining({ code: 'AIOS_CLOSED' }))
    await expect(kernel.run(() => null, undefined)).rejects.toMatchObject({ code: 'AIOS_CLOSED' })
    expect(() => kernel.sys()).toThrow(expect.objectContaining({ code: 'AIOS_CLOSED' }))
  })

  it('rejects in a tool whose caller has ended', async () => {
    const tools = heldTools()
    const kernel = await testBed({ tools })
    const a = await start(kernel)
    void watch(a.sys.tool.call({ name: 'hold', input: { as: 't' } }))
    a.process.kill()
    let error: unknown
    tools.held.inside('t', () => {
      try {
        kernel.spawn(() => null, undefined)
      } catch (thrown) {
        error = thrown
      }
    })
    expect(error).toMatchObject({ code: 'AIOS_PROCESS_KILLED' })
  })
})

describe('kernel.sys', () => {
  it('is always the same process without options, and a process of its own with options', async () => {
    const kernel = await testBed()
    const [a, b] = [kernel.sys(), kernel.sys()]
    const [c, d] = [kernel.sys({}), kernel.sys({ name: 'd' })]
    expect([b.pid === a.pid, c.pid === a.pid, d.pid === c.pid]).toEqual([true, false, false])
    expect(row(kernel, a.pid)).toMatchObject({ name: 'host', namespace: 'default', state: 'sleeping' })
  })

  it('lives until its signal aborts', async () => {
    const kernel = await testBed()
    const controller = new AbortController()
    const sys = kernel.sys({ signal: controller.signal })
    controller.abort('over')
    await expect(sys.agent.receive()).rejects.toBe('over')
    expect(row(kernel, sys.pid).state).toBe('exited')
  })
})

it('knows nothing of the processes of another kernel', async () => {
  const [one, two] = [await testBed({ memory: heldMemory() }), await testBed()]
  await start(one, { name: 'a' })
  expect(two.ps()).toEqual([])
  expect(two.spawn(() => null, undefined).pid).toBe(1)
  await expect(two.sys().memory.add({ content: 'x' })).rejects.toMatchObject({ code: 'AIOS_NO_DEVICE' })
  one.killAll()
  expect(two.ps().map(({ state }) => state)).not.toContain('killed')
  expect(DEFAULT_LIMITS.exitedProcesses).toBe(256)
})
