import { describe, expect, it } from 'vitest'
import type { KernelEvent } from '@aios/kernel'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { ASK, heldCore, said, sayingCore } from '../syscall/cores.js'

const core = sayingCore('ok')

describe('kernel.on', () => {
  it('emits started and settled of a call before the caller goes on', async () => {
    await using kernel = await createTestKernel({ llm: core })
    const events = recordEvents(kernel, 'syscall:queued', 'syscall:started', 'syscall:settled')
    await kernel.sys().llm.chat(ASK)
    expect(events.names).toEqual(['syscall:started', 'syscall:settled'])
    expect(events.of('syscall:settled')[0]).toMatchObject({
      name: 'llm.chat',
      agent: 'host',
      tenant: 'default',
      device: 'c',
      lane: 'llm/c',
      priority: 3,
      slices: 1,
      outcome: 'fulfilled',
      errorCode: undefined,
      waitMs: 0,
      turnaroundMs: 0,
      usage: { input: { total: 10 } },
      attempts: [{ lane: 'llm/c' }],
    })
  })

  it('emits queued for a call that waits, and records how long it did', async () => {
    const held = heldCore({ limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: held })
    const events = recordEvents(kernel, 'syscall:queued', 'syscall:settled')
    const { llm } = kernel.sys()
    const calls = [llm.chat(ASK), llm.chat(ASK)]
    await kernel.clock.advance(50)
    held.held[0]?.answer(said('1'))
    await kernel.clock.advance(25)
    held.held[1]?.answer(said('2'))
    await Promise.all(calls)
    expect(events.names).toEqual(['syscall:queued', 'syscall:settled', 'syscall:settled'])
    expect(events.of('syscall:settled')).toMatchObject([
      { waitMs: 0, turnaroundMs: 50 },
      { waitMs: 50, turnaroundMs: 75 },
    ])
  })

  it('reports a listener that throws once as listener:failed, and the others still hear', async () => {
    await using kernel = await createTestKernel({ llm: core })
    const events = recordEvents(kernel, 'listener:failed')
    let heard = 0
    kernel.on('syscall:settled', () => {
      throw new Error('bad listener')
    })
    kernel.on('syscall:settled', () => {
      heard += 1
    })
    kernel.on('listener:failed', () => {
      throw new Error('worse')
    })
    expect((await kernel.sys().llm.chat(ASK)).text).toBe('ok')
    await kernel.clock.settle()
    expect(heard).toBe(1)
    expect(events.of('listener:failed')).toMatchObject([{ event: 'syscall:settled', message: 'Error: bad listener' }])
  })

  it('lets a listener call the kernel, whose events follow behind', async () => {
    await using kernel = await createTestKernel({ llm: core })
    const order: string[] = []
    kernel.on('process:spawned', ({ name }) => {
      order.push(`spawned ${name}`)
      if (name === 'first') kernel.spawn(() => undefined, undefined, { name: 'second' }).kill()
      order.push(`after ${name}`)
    })
    kernel.on('process:exited', ({ name }) => {
      order.push(`exited ${name}`)
    })
    await kernel.run(() => 'x', undefined, { name: 'first' })
    expect(order).toEqual([
      'spawned first',
      'after first',
      'spawned second',
      'after second',
      'exited second',
      'exited first',
    ])
  })

  it('stops when its function is called, once or twice', async () => {
    await using kernel = await createTestKernel({ llm: core })
    let heard = 0
    const off = kernel.on('syscall:settled', () => {
      heard += 1
    })
    await kernel.sys().llm.chat(ASK)
    off()
    off()
    await kernel.sys().llm.chat(ASK)
    expect(heard).toBe(1)
  })

  it('delivers a long synchronous burst without waiting for its end', async () => {
    await using kernel = await createTestKernel({ llm: { ...core, limits: { concurrency: Number.POSITIVE_INFINITY } } })
    let heard = 0
    kernel.on('syscall:started', () => {
      heard += 1
    })
    const { llm } = kernel.sys()
    const calls = Array.from({ length: 3_000 }, () => llm.chat(ASK))
    expect(heard).toBeGreaterThanOrEqual(2_000)
    await Promise.all(calls)
    expect(heard).toBe(3_000)
  })

  it('refuses an event that does not exist, and a listener that is no function', async () => {
    await using kernel = await createTestKernel()
    expect(() => kernel.on('syscall:done' as never, () => undefined)).toThrow(
      /Expected one of process:spawned, .*got "syscall:done"/,
    )
    expect(() => kernel.on('syscall:settled', 'x' as never)).toThrow(/Expected a function/)
  })
})

describe('kernel.events', () => {
  it('yields all events from the call on, and ends when the kernel is closed', async () => {
    const kernel = await createTestKernel({ llm: core })
    const reading = (async () => {
      const names: string[] = []
      for await (const event of kernel.events()) names.push(event.name)
      return names
    })()
    await kernel.run((sys) => sys.llm.chat(ASK), undefined)
    await kernel.close()
    expect(await reading).toEqual([
      'process:spawned',
      'syscall:started',
      'syscall:settled',
      'process:exited',
      'kernel:closed',
    ])
  })

  it('drops the oldest past its bound and says how many', async () => {
    await using kernel = await createTestKernel({ llm: core, limits: { eventBuffer: 3 } })
    const iterator = kernel.events()[Symbol.asyncIterator]()
    for (let run = 0; run < 5; run += 1) await kernel.run(() => run, undefined)
    const event = (await iterator.next()).value as KernelEvent
    expect([event.name, event.dropped]).toEqual(['process:exited', 7])
    expect(((await iterator.next()).value as KernelEvent).dropped).toBe(0)
    await iterator.return?.()
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('ends when its signal aborts, also before it begins, and after close', async () => {
    const kernel = await createTestKernel()
    const stop = new AbortController()
    const reading = kernel.events({ signal: stop.signal })[Symbol.asyncIterator]().next()
    stop.abort()
    expect(await reading).toEqual({ done: true, value: undefined })
    expect((await kernel.events({ signal: stop.signal })[Symbol.asyncIterator]().next()).done).toBe(true)
    await kernel.close()
    expect((await kernel.events()[Symbol.asyncIterator]().next()).done).toBe(true)
  })
})
