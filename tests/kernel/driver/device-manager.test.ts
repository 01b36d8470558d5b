import { createKernel, ramRecords } from '@aios/kernel'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { describe, expect, it } from 'vitest'
import { heldCore, heldMemory, heldTools, noteOf, reply, watch } from '../fake-drivers.js'
import { row, start, testBed } from '../test-bed.js'

const one = { concurrency: 1 }
const INVALID = { code: 'AIOS_INVALID_OPTION' }
const NO_DEVICE = { code: 'AIOS_NO_DEVICE' }

describe('opening', () => {
  it('gives each driver the clock, the logger and the record store, once, before its first call', async () => {
    const seen: unknown[] = []
    const memory = { ...heldMemory(), open: (services: unknown) => void seen.push(services) }
    const records = ramRecords()
    const kernel = await createTestKernel({ memory, records })
    expect(seen).toEqual([
      { clock: kernel.clock, log: expect.objectContaining({ warn: expect.any(Function) as unknown }), records },
    ])
    await kernel.close()
  })

  it('waits for each driver in turn: the kernel is there when every one is ready', async () => {
    const order: string[] = []
    const slow = async () => {
      order.push('a opens')
      await Promise.resolve()
      order.push('a is open')
    }
    const a = { ...heldCore({ id: 'a' }), open: slow }
    const b = { ...heldCore({ id: 'b' }), open: () => void order.push('b is open') }
    await testBed({ llm: [a, b] })
    expect(order).toEqual(['a opens', 'a is open', 'b is open'])
  })

  it('passes on what open throws, and closes what was already open', async () => {
    const error = new Error('no such server')
    const memory = heldMemory()
    const storage = { ...heldMemory(), open: () => Promise.reject(error) }
    const llm = heldCore()
    await expect(createKernel({ llm, memory: { ...memory, open: storage.open } })).rejects.toBe(error)
    expect([llm.held.opened, llm.held.closed, memory.held.closed]).toEqual([1, 1, 0])
  })

  it('refuses two devices of one id or kind, and closes the one that came too late', async () => {
    const [a, b] = [heldCore({ id: 'a' }), heldCore({ id: 'a' })]
    await expect(createKernel({ llm: [a, b] })).rejects.toThrow(/got a second "llm\/a"/)
    expect([a.held.opened, a.held.closed, b.held.opened]).toEqual([1, 1, 0])
  })
})

describe('devices.add', () => {
  it('adds a core or a missing device to a kernel that runs', async () => {
    const kernel = await testBed()
    const { sys } = await start(kernel)
    await expect(sys.memory.add({ content: 'x' })).rejects.toMatchObject(NO_DEVICE)
    await kernel.devices.add(heldMemory({ onCall: noteOf }))
    expect((await sys.memory.add({ content: 'x' })).content).toBe('x')
    const core = heldCore({ id: 'late' })
    await kernel.devices.add(core)
    void watch(sys.llm.chat({ messages: [{ role: 'user', content: 'q' }] }))
    expect(core.held.running).toEqual(['q'])
  })

  it('refuses what is no driver', async () => {
    const kernel = await testBed({ memory: heldMemory() })
    const wrong = [undefined, null, 'memory', {}, { kind: 'disk', id: 'a' }, { kind: 'memory', id: 'a' }, heldMemory()]
    for (const driver of wrong) {
      await expect(kernel.devices.add(driver as never)).rejects.toMatchObject(INVALID)
    }
    expect(kernel.stats().lanes).toHaveLength(1)
  })

  it('opens only one of two that are added at once under one id, and closes the other', async () => {
    const kernel = await testBed()
    const drivers = [heldMemory(), heldMemory()]
    const added = await Promise.allSettled(drivers.map((driver) => kernel.devices.add(driver)))
    expect(added.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(drivers.map(({ held }) => held.closed)).toEqual([0, 1])
  })

  it('rejects with what open throws, and leaves the place free', async () => {
    const kernel = await testBed()
    const error = new Error('no')
    const open = () => {
      throw error
    }
    await expect(kernel.devices.add({ ...heldMemory(), open })).rejects.toBe(error)
    await kernel.devices.add(heldMemory())
    expect(kernel.stats().lanes.map(({ lane }) => lane)).toEqual(['memory'])
  })

  it('gives the lane the policy that was set for it', async () => {
    const { fifo } = await import('@aios/kernel')
    const kernel = await testBed({ policies: { llm: fifo(), 'llm/b': { ...fifo(), name: 'special' } } })
    for (const id of ['a', 'b']) await kernel.devices.add(heldCore({ id }))
    expect(kernel.stats().lanes.map(({ policy }) => policy)).toEqual(['fifo', 'special'])
  })

  it('rejects in a kernel that is closed, or that closed while the driver opened, and closes that driver', async () => {
    const kernel = await createTestKernel()
    let opened!: () => void
    const memory = heldMemory()
    const slow = { ...memory, open: () => new Promise<void>((resolve) => (opened = resolve)) }
    const adding = watch(kernel.devices.add(slow))
    await kernel.close()
    opened()
    await kernel.clock.settle()
    expect([adding.outcome, memory.held.closed]).toEqual(['AIOS_CLOSED', 1])
    await expect(kernel.devices.add(heldMemory())).rejects.toMatchObject({ code: 'AIOS_CLOSED' })
  })
})

describe('devices.remove', () => {
  it('lets running calls end, rejects waiting ones with AIOS_NO_DEVICE, and then closes the driver', async () => {
    const memory = heldMemory({ limits: one })
    const kernel = await testBed({ memory })
    const { sys } = await start(kernel)
    const [running, queued] = [
      watch(sys.memory.add({ content: 'running' })),
      watch(sys.memory.add({ content: 'queued' })),
    ]
    const removed = watch(kernel.devices.remove('memory'))
    await kernel.clock.settle()
    expect([running.outcome, queued.outcome, removed.outcome]).toEqual(['pending', 'AIOS_NO_DEVICE', 'pending'])
    await expect(sys.memory.add({ content: 'new' })).rejects.toMatchObject(NO_DEVICE)
    expect([memory.held.aborted, memory.held.closed, kernel.stats().lanes]).toEqual([[], 0, []])
    memory.held.succeed('running', noteOf('running'))
    await kernel.clock.settle()
    expect([running.outcome, removed.outcome, memory.held.closed]).toEqual(['fulfilled', 'fulfilled', 1])
  })

  it('rejects also calls that wait for a key, a budget or a resume, which would otherwise come to a closed driver', async () => {
    const [tools, llm] = [heldTools(), heldCore({ estimate: () => 10 })]
    const kernel = await testBed({ tools, llm })
    const [a, b] = [await start(kernel, { budget: { tokens: 60 } }), await start(kernel)]
    const use = (as: string) => watch(a.sys.tool.call({ name: 'hold', input: { as, keys: ['k'] } }))
    const ask = (content: string) =>
      watch(a.sys.llm.chat({ messages: [{ role: 'user', content }], maxOutputTokens: 50 }))
    void [use('holder'), ask('holder')]
    const waiting = [use('locked'), ask('parked')]
    b.process.suspend()
    waiting.push(watch(b.sys.tool.call({ name: 'hold', input: { as: 'suspended' } })))
    const removed = [watch(kernel.devices.remove('tool')), watch(kernel.devices.remove('llm/main'))]
    b.process.resume()
    tools.held.succeed('holder')
    llm.held.succeed('holder', reply(1, 1))
    await kernel.clock.settle()
    expect(waiting.map(({ outcome }) => outcome)).toEqual(Array(3).fill('AIOS_NO_DEVICE'))
    expect(removed.map(({ outcome }) => outcome)).toEqual(['fulfilled', 'fulfilled'])
    expect([tools.held.started, llm.held.started]).toEqual([['holder'], ['holder']])
  })

  it('rejects calls whose input is still being checked', async () => {
    const tools = heldTools()
    let ready!: () => void
    const prepare = async (...given: Parameters<typeof tools.prepare>) => {
      await new Promise<void>((resolve) => (ready = resolve))
      return tools.prepare(...given)
    }
    const kernel = await testBed({ tools: { ...tools, prepare } })
    const { sys } = await start(kernel)
    const call = watch(sys.tool.call({ name: 'hold', input: { as: 'x' } }))
    await kernel.devices.remove('tool')
    ready()
    await kernel.clock.settle()
    expect([call.outcome, tools.held.started]).toEqual(['AIOS_NO_DEVICE', []])
  })

  it('does not throw away a result that a hook is still looking at', async () => {
    const memory = heldMemory({ onCall: noteOf })
    const kernel = await testBed({ memory })
    let goOn!: () => void
    kernel.use({ after: () => new Promise<void>((resolve) => (goOn = resolve)) })
    const { sys } = await start(kernel)
    const call = watch(sys.memory.add({ content: 'x' }))
    await kernel.clock.settle()
    await kernel.devices.remove('memory')
    goOn()
    await kernel.clock.settle()
    expect(call.value).toEqual(noteOf('x'))
  })

  it('makes room for another device at once', async () => {
    const [old, next] = [heldMemory(), heldMemory({ onCall: noteOf })]
    const kernel = await testBed({ memory: old })
    const { sys } = await start(kernel)
    const running = watch(sys.memory.add({ content: 'old' }))
    const removed = watch(kernel.devices.remove('memory'))
    await kernel.devices.add(next)
    expect((await sys.memory.add({ content: 'new' })).content).toBe('new')
    old.held.succeed('old', noteOf('old'))
    await kernel.clock.settle()
    expect([running.outcome, removed.outcome, old.held.closed, next.held.closed]).toEqual([
      'fulfilled',
      'fulfilled',
      1,
      0,
    ])
  })

  it('waits until an abandoned call gives its slot back', async () => {
    const memory = heldMemory()
    const kernel = await testBed({ memory })
    const { sys, process } = await start(kernel)
    void watch(sys.memory.add({ content: 'stubborn' }))
    process.kill()
    const removed = watch(kernel.devices.remove('memory'))
    await kernel.clock.advance(4_999)
    expect(removed.outcome).toBe('pending')
    await kernel.clock.advance(1)
    expect([removed.outcome, memory.held.closed]).toEqual(['fulfilled', 1])
  })

  it('lets those go on who wait for room in the lane', async () => {
    const kernel = await testBed({ memory: heldMemory({ limits: one }) })
    const { sys } = await start(kernel)
    for (const content of ['1', '2']) void watch(sys.memory.add({ content }))
    const ready = watch(kernel.ready('memory'))
    void kernel.devices.remove('memory')
    await kernel.clock.settle()
    expect(ready.outcome).toBe('fulfilled')
  })

  it('rejects for what is not there, once it is gone, and for the lanes of third parties', async () => {
    const { defineSyscall } = await import('@aios/kernel')
    const request = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const
    const mine = defineSyscall({ name: 'my.verb', request, lane: 'mine', execute: () => 1 })
    const kernel = await testBed({ memory: heldMemory(), syscalls: [mine] })
    await expect(kernel.devices.remove('llm/main')).rejects.toThrow('Expected one of mine, memory, got "llm/main".')
    await expect(kernel.devices.remove('mine')).rejects.toMatchObject(NO_DEVICE)
    await kernel.devices.remove('memory')
    await expect(kernel.devices.remove('memory')).rejects.toMatchObject(NO_DEVICE)
  })

  it('passes on what the driver throws on close', async () => {
    const error = new Error('no')
    const close = () => Promise.reject(error)
    const kernel = await testBed({ memory: { ...heldMemory(), close } })
    await expect(kernel.devices.remove('memory')).rejects.toBe(error)
    expect(kernel.stats().lanes).toEqual([])
  })

  it('rejects once the kernel is closed, and closes no driver twice', async () => {
    const memory = heldMemory()
    const kernel = await createTestKernel({ memory })
    await kernel.close()
    await expect(kernel.devices.remove('memory')).rejects.toMatchObject({ code: 'AIOS_CLOSED' })
    expect(memory.held.closed).toBe(1)
  })
})

describe('a driver', () => {
  it('is told who calls, and gets a signal and a sys of its own for each call', async () => {
    const memory = heldMemory()
    const kernel = await testBed({ memory })
    const a = await start(kernel, { name: 'a', namespace: 'n' })
    void watch(a.sys.memory.add({ content: '1' }))
    void watch(a.sys.memory.add({ content: '2' }))
    const [first, second] = [memory.held.call('1'), memory.held.call('2')]
    expect(first).toMatchObject({ id: 1, pid: 1, agent: 'a', namespace: 'n', runId: row(kernel, 1).runId })
    expect([first.signal === first.signal, first.signal === second.signal, first.sys.pid]).toEqual([true, false, 1])
  })

  it('that fails while it is removed is told of', async () => {
    const memory = heldMemory()
    const kernel = await testBed({ memory })
    const events = recordEvents(kernel, 'driver:failed')
    const { sys } = await start(kernel)
    const call = watch(sys.memory.add({ content: 'x' }))
    const removed = watch(kernel.devices.remove('memory'))
    memory.held.fail('x', new Error('broken'))
    await kernel.clock.settle()
    expect([call.outcome, removed.outcome]).toEqual(['AIOS_DRIVER_FAILED', 'fulfilled'])
    expect(events.of('driver:failed')).toEqual([{ device: 'held', message: 'Error: broken', at: 0 }])
  })
})
