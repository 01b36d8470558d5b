import { createKernel, type KernelOptions } from '@aios/kernel'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldMemory, heldTools, noteOf, watch } from '../fake-drivers.js'
import { shut, start, startChild, testBed } from '../test-bed.js'

const CLOSED = { code: 'AIOS_CLOSED' }

describe('close', () => {
  it('ends every process and rejects every outstanding call with AIOS_CLOSED', async () => {
    const memory = heldMemory({ polite: true, limits: { concurrency: 1 } })
    const kernel = await createTestKernel({ memory })
    const events = recordEvents(kernel, 'process:exited')
    const a = await start(kernel, { name: 'a' })
    const b = await startChild(kernel, a.sys, { name: 'b' })
    await startChild(kernel, b.sys, { name: 'c', detached: true })
    const suspended = await start(kernel, { name: 'd' })
    suspended.process.suspend()
    const outcomes = [
      watch(a.process.result),
      watch(a.sys.memory.add({ content: 'running' })),
      watch(a.sys.memory.add({ content: 'queued' })),
      watch(a.sys.agent.wait({ pid: b.pid })),
      watch(b.sys.agent.receive()),
      watch(suspended.sys.memory.add({ content: 'suspended' })),
      watch(kernel.sys().agent.receive()),
    ]
    await kernel.close()
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(7).fill('AIOS_CLOSED'))
    expect(events.of('process:exited').map(({ name, outcome }) => [name, outcome])).toEqual(
      ['b', 'a', 'c', 'd', 'host'].map((name) => [name, 'AIOS_CLOSED']),
    )
    expect(kernel.stats()).toMatchObject({ outstanding: 0, processes: 0 })
  })

  it('closes each driver once, after its last call', async () => {
    const memory = heldMemory()
    const kernel = await createTestKernel({ memory })
    void watch((await start(kernel)).sys.memory.add({ content: 'x' }))
    const closing = watch(kernel.close())
    await kernel.clock.settle()
    expect([closing.outcome, memory.held.aborted, memory.held.closed]).toEqual(['pending', ['x'], 0])
    memory.held.succeed('x', noteOf('x'))
    await kernel.clock.settle()
    expect([closing.outcome, memory.held.closed]).toEqual(['fulfilled', 1])
  })

  it('is idempotent: every call waits for the same end', async () => {
    const memory = heldMemory()
    const kernel = await createTestKernel({ memory })
    const events = recordEvents(kernel, 'kernel:closed')
    void watch((await start(kernel)).sys.memory.add({ content: 'x' }))
    const [first, second] = [watch(kernel.close()), watch(kernel.close({ drain: true }))]
    await kernel.clock.settle()
    expect([first.outcome, second.outcome]).toEqual(['pending', 'pending'])
    memory.held.succeed('x')
    await kernel.clock.settle()
    expect([first.outcome, second.outcome]).toEqual(['fulfilled', 'fulfilled'])
    await kernel.close()
    await kernel[Symbol.asyncDispose]()
    expect([memory.held.closed, events.all.length]).toEqual([1, 1])
  })

  it('takes the slots back from drivers that ignore their signal, and then goes on', async () => {
    const memory = heldMemory()
    const kernel = await createTestKernel({ memory })
    void watch((await start(kernel)).sys.memory.add({ content: 'stubborn' }))
    const closing = watch(kernel.close())
    await kernel.clock.advance(4_999)
    expect(closing.outcome).toBe('pending')
    await kernel.clock.advance(1)
    expect([closing.outcome, memory.held.closed]).toEqual(['fulfilled', 1])
  })

  it('waits no less than limits.abandonAfterMs for that, however small limits.closeAfterMs is', async () => {
    const kernel = await createTestKernel({ memory: heldMemory(), limits: { abandonAfterMs: 50, closeAfterMs: 0 } })
    void watch((await start(kernel)).sys.memory.add({ content: 'stubborn' }))
    const closing = watch(kernel.close())
    await kernel.clock.advance(49)
    expect(closing.outcome).toBe('pending')
    await kernel.clock.advance(1)
    expect(closing.outcome).toBe('fulfilled')
  })

  it('tells of a driver that fails to close, closes the others, and resolves', async () => {
    const [memory, tools] = [heldMemory(), heldTools()]
    const lines: unknown[] = []
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (...line: unknown[]) => void lines.push(line),
    }
    const close = () => Promise.reject(new Error('stuck'))
    const kernel = await createTestKernel({ memory: { ...memory, id: 'm', close }, tools, log })
    const events = recordEvents(kernel, 'driver:failed')
    await kernel.close()
    expect(events.of('driver:failed')).toEqual([{ device: 'm', message: 'Error: stuck', at: 0 }])
    expect([tools.held.closed, lines]).toEqual([1, [['driver failed to close', { device: 'm', error: 'stuck' }]]])
  })

  it('does not wait for ever for a driver whose close never ends', async () => {
    const [memory, tools] = [heldMemory(), heldTools()]
    const close = () => new Promise<void>(() => undefined)
    const kernel = await createTestKernel({
      memory: { ...memory, id: 'm', close },
      tools,
      limits: { closeAfterMs: 6_000 },
    })
    const events = recordEvents(kernel, 'driver:failed', 'kernel:closed')
    const closing = watch(kernel.close())
    await kernel.clock.advance(5_999)
    expect([closing.outcome, tools.held.closed]).toEqual(['pending', 1])
    await kernel.clock.advance(1)
    expect([closing.outcome, events.names]).toEqual(['fulfilled', ['driver:failed', 'kernel:closed']])
    expect(events.of('driver:failed')[0]).toMatchObject({ device: 'm', message: /did not close within 6000 ms/ })
  })

  it('waits for a device that is being removed', async () => {
    const memory = heldMemory()
    const kernel = await createTestKernel({ memory })
    void watch((await start(kernel)).sys.memory.add({ content: 'stubborn' }))
    const removed = watch(kernel.devices.remove('memory'))
    const closing = watch(kernel.close())
    await kernel.clock.settle()
    expect([removed.outcome, closing.outcome]).toEqual(['pending', 'pending'])
    await kernel.clock.advance(5_000)
    expect([removed.outcome, closing.outcome, memory.held.closed]).toEqual(['fulfilled', 'fulfilled', 1])
  })

  it('resolves also when a device that is being removed fails to close', async () => {
    const memory = heldMemory()
    const kernel = await createTestKernel({ memory: { ...memory, close: () => Promise.reject(new Error('no')) } })
    void watch((await start(kernel)).sys.memory.add({ content: 'x' }))
    const removed = watch(kernel.devices.remove('memory'))
    const closing = watch(kernel.close())
    memory.held.succeed('x')
    await kernel.clock.settle()
    expect([removed.state, closing.outcome]).toEqual(['rejected', 'fulfilled'])
  })

  it('leaves no timer behind', async () => {
    const kernel = await createTestKernel({ memory: heldMemory() })
    const a = await start(kernel, { deadlineMs: 1_000, budget: { wallMs: 500 } })
    void watch(a.sys.agent.receive({}, { deadlineMs: 100 }))
    await kernel.close()
    expect(kernel.clock.pending).toBe(0)
  })

  it('tells last that the kernel is closed, and then nothing more', async () => {
    const kernel = await createTestKernel()
    const events = recordEvents(kernel)
    await start(kernel)
    await kernel.close()
    expect(events.names.at(-1)).toBe('kernel:closed')
  })

  it('ends those who read events', async () => {
    const kernel = await createTestKernel()
    const names: string[] = []
    const reading = (async () => {
      for await (const { name } of kernel.events()) names.push(name)
    })()
    await kernel.close()
    await reading
    expect(names).toEqual(['kernel:closed'])
  })

  it('can be done by a process of the kernel itself', async () => {
    const kernel = await createTestKernel()
    const result = watch(kernel.run(() => kernel.close(), undefined))
    await shut(kernel)
    expect(result.outcome).toBe('AIOS_CLOSED')
  })

  it('comes by itself at the end of a block', async () => {
    const memory = heldMemory()
    {
      await using kernel = await createKernel({ memory })
      expect(kernel.ps()).toEqual([])
    }
    expect(memory.held.closed).toBe(1)
  })

  it('rejects unknown options and wrong types', async () => {
    const kernel = await testBed()
    for (const options of [{ drian: true }, { drain: 'yes' }, { timeoutMs: -1 }, { timeoutMs: '5' }]) {
      await expect(async () => kernel.close(options as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    }
    expect(await kernel.run(() => 'still open', undefined)).toBe('still open')
  })
})

describe('close with drain', () => {
  it('lets processes that run an agent end first, whoever spawned them', async () => {
    const memory = heldMemory()
    const kernel = await createTestKernel({ memory })
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys, { detached: true })
    const call = watch(a.sys.memory.add({ content: 'x' }))
    const closing = watch(kernel.close({ drain: true }))
    memory.held.succeed('x', noteOf('x'))
    await kernel.clock.settle()
    expect([call.outcome, closing.outcome]).toEqual(['fulfilled', 'pending'])
    a.returns('a')
    await kernel.clock.settle()
    expect(closing.outcome).toBe('pending')
    b.returns('b')
    await kernel.clock.settle()
    expect([closing.outcome, await a.process.result]).toEqual(['fulfilled', 'a'])
  })

  it('does not wait for processes that run no agent', async () => {
    const kernel = await createTestKernel()
    const call = watch(kernel.sys({ name: 'server' }).agent.receive())
    await kernel.close({ drain: true })
    expect(call.outcome).toBe('AIOS_CLOSED')
  })

  it('waits at most timeoutMs, then ends those that are left', async () => {
    const kernel = await createTestKernel()
    const a = await start(kernel)
    const result = watch(a.process.result)
    const closing = watch(kernel.close({ drain: true, timeoutMs: 100 }))
    await kernel.clock.advance(99)
    expect([result.outcome, closing.outcome]).toEqual(['pending', 'pending'])
    await kernel.clock.advance(1)
    expect([result.outcome, closing.outcome]).toEqual(['AIOS_CLOSED', 'fulfilled'])
  })

  it('gives its timer back when they end in time', async () => {
    const kernel = await createTestKernel()
    const a = await start(kernel)
    const closing = kernel.close({ drain: true, timeoutMs: 100 })
    a.returns()
    await closing
    expect(kernel.clock.pending).toBe(0)
  })
})

describe('use after close', () => {
  it('rejects or throws AIOS_CLOSED wherever something would start', async () => {
    const options: KernelOptions = { memory: heldMemory() }
    const kernel = await createTestKernel(options as object)
    const a = await start(kernel)
    const host = kernel.sys()
    await kernel.close()
    const calls = [
      () => host.memory.add({ content: 'x' }),
      () => a.sys.memory.add({ content: 'x' }),
      () => a.sys.agent.receive(),
      () => kernel.run(() => null, undefined),
      () => kernel.ready('memory'),
      () => kernel.devices.add(heldTools()),
      () => kernel.devices.remove('memory'),
      async () => kernel.spawn(() => null, undefined),
      async () => kernel.sys(),
      async () => kernel.sys({ name: 'x' }),
    ]
    for (const call of calls) await expect(call()).rejects.toMatchObject(CLOSED)
  })

  it('still shows what was', async () => {
    const kernel = await createTestKernel({ memory: heldMemory({ onCall: noteOf }) })
    const a = await start(kernel, { name: 'a' })
    await a.sys.memory.add({ content: 'x' })
    await kernel.close()
    expect(kernel.ps()).toMatchObject([{ name: 'a', state: 'exited', outcome: 'AIOS_CLOSED' }])
    expect(kernel.stats()).toMatchObject({ settled: 1, outstanding: 0 })
    kernel.killAll()
    a.process.suspend()
    a.process.resume()
    a.process.kill()
    expect(a.process.state).toBe('exited')
  })

  it('gives a reader of events no events', async () => {
    const kernel = await createTestKernel()
    await kernel.close()
    for await (const event of kernel.events()) throw new Error(`There was ${event.name}.`)
    expect(kernel.ps()).toEqual([])
  })
})

it('does not touch another kernel', async () => {
  const [memory, other] = [heldMemory(), heldMemory({ onCall: noteOf })]
  const [one, two] = [await createTestKernel({ memory }), await testBed({ memory: other })]
  const { sys } = await start(two)
  await one.close()
  expect((await sys.memory.add({ content: 'x' })).content).toBe('x')
  expect([memory.held.closed, other.held.closed]).toEqual([1, 0])
})
