import { describe, expect, it } from 'vitest'
import { AiosError } from '@aios/kernel'
import { createTestKernel, recordEvents } from '@aios/kernel/testing'
import { ASK, heldCore, said } from './cores.js'

describe('cancelling a call', () => {
  it('rejects at once with signal.reason, untouched, before it is queued', async () => {
    const held = heldCore()
    await using kernel = await createTestKernel({ llm: held })
    const reason = { why: 'mine' }
    await expect(kernel.sys().llm.chat(ASK, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(held.held).toHaveLength(0)
    expect(kernel.stats()).toMatchObject({ outstanding: 0, rows: [{ name: 'llm.chat', cancelled: 1 }] })
  })

  it('takes a queued call off its lane', async () => {
    const held = heldCore({ limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: held })
    const first = kernel.sys().llm.chat(ASK)
    const stop = new AbortController()
    const second = kernel.sys().llm.chat(ASK, { signal: stop.signal })
    expect(kernel.stats().lanes[0]).toMatchObject({ queued: 1 })
    stop.abort('no longer')
    await expect(second).rejects.toBe('no longer')
    expect(kernel.stats().lanes[0]).toMatchObject({ queued: 0, running: 1 })
    held.held[0]?.answer(said('x'))
    await first
    expect(held.held).toHaveLength(1)
  })

  it('aborts the signal of a driver that has the call and keeps its slot until the driver settles', async () => {
    const held = heldCore({ limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: held })
    const events = recordEvents(kernel, 'driver:abandoned')
    const stop = new AbortController()
    const call = kernel.sys().llm.chat(ASK, { signal: stop.signal })
    const [running] = held.held
    const { signal } = running?.call ?? {}
    stop.abort('stop')
    await expect(call).rejects.toBe('stop')
    expect([signal?.aborted, signal?.reason]).toEqual([true, 'stop'])
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1 })
    running?.fail(signal?.reason)
    await kernel.clock.settle()
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0 })
    expect(events.all).toEqual([])
    await kernel.clock.advance(60_000)
    expect(events.all).toEqual([])
  })

  it('gives a signal that is first read after the abort as aborted', async () => {
    const held = heldCore()
    await using kernel = await createTestKernel({ llm: held })
    const stop = new AbortController()
    const call = kernel.sys().llm.chat(ASK, { signal: stop.signal })
    stop.abort('early')
    await expect(call).rejects.toBe('early')
    expect(held.held[0]?.call.signal.reason).toBe('early')
    held.held[0]?.fail(new Error('late'))
  })

  it('drops a late result with driver:abandoned', async () => {
    const held = heldCore()
    await using kernel = await createTestKernel({ llm: held })
    const events = recordEvents(kernel, 'driver:abandoned')
    const stop = new AbortController()
    const call = kernel.sys().llm.chat(ASK, { signal: stop.signal })
    stop.abort('stop')
    await expect(call).rejects.toBe('stop')
    held.held[0]?.answer(said('too late'))
    await kernel.clock.settle()
    expect(events.of('driver:abandoned')).toMatchObject([{ name: 'llm.chat', device: 'held', why: 'late-result' }])
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0 })
  })

  it('takes the slot back once, after limits.abandonAfterMs, from a driver that ignores its signal', async () => {
    const held = heldCore({ limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: held, limits: { abandonAfterMs: 1_000 } })
    const events = recordEvents(kernel, 'driver:abandoned')
    const stop = new AbortController()
    const first = kernel.sys().llm.chat(ASK, { signal: stop.signal })
    const second = kernel.sys().llm.chat(ASK)
    stop.abort('stop')
    await expect(first).rejects.toBe('stop')
    await kernel.clock.advance(999)
    expect(held.held).toHaveLength(1)
    await kernel.clock.advance(1)
    expect(held.held).toHaveLength(2)
    expect(events.of('driver:abandoned')).toMatchObject([{ why: 'slot-reclaimed' }])
    held.held[0]?.answer(said('very late'))
    await kernel.clock.settle()
    expect(events.all).toHaveLength(1)
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1 })
    held.held[1]?.answer(said('ok'))
    expect((await second).text).toBe('ok')
  })

  it('rejects with AIOS_DEADLINE_EXCEEDED when the deadline passes, queued or running', async () => {
    const held = heldCore({ limits: { concurrency: 1 } })
    await using kernel = await createTestKernel({ llm: held })
    const running = kernel.sys().llm.chat(ASK, { deadlineMs: 200 })
    const queued = kernel.sys().llm.chat(ASK, { deadlineMs: 100 })
    await kernel.clock.advance(100)
    await expect(queued).rejects.toMatchObject({ code: 'AIOS_DEADLINE_EXCEEDED' })
    await kernel.clock.advance(100)
    await expect(running).rejects.toMatchObject({ code: 'AIOS_DEADLINE_EXCEEDED', details: { deadlineMs: 200 } })
    held.held[0]?.fail(new Error('aborted'))
  })

  it('leaves no listener on the signal and no timer behind', async () => {
    const held = heldCore()
    await using kernel = await createTestKernel({ llm: held })
    const stop = new AbortController()
    let listeners = 0
    const { signal } = stop
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      listeners += 1
      add(...given)
    }
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...given)
    }
    const call = kernel.sys().llm.chat(ASK, { signal, deadlineMs: 5_000 })
    expect([listeners, kernel.clock.pending]).toEqual([1, 1])
    held.held[0]?.answer(said('x'))
    await call
    await kernel.clock.settle()
    expect([listeners, kernel.clock.pending]).toEqual([0, 0])
  })

  it('cancels what was made under a call with the same reason, innermost first', async () => {
    const order: string[] = []
    const tools = {
      kind: 'tool' as const,
      id: 't',
      list: () => [],
      resolve: (name: string) => ({ name, source: 'local', description: '', inputSchema: {} }),
      prepare: (name: string) => ({
        conflictKeys: [],
        run: (call: {
          readonly sys: { readonly tool: { call(request: { readonly name: string }): Promise<unknown> } }
          readonly signal: AbortSignal
        }) => {
          call.signal.addEventListener('abort', () => {
            order.push(name)
          })
          return name === 'outer'
            ? call.sys.tool.call({ name: 'inner' })
            : new Promise((_resolve, reject) => {
                call.signal.addEventListener('abort', () => {
                  reject(call.signal.reason as Error)
                })
              })
        },
      }),
    }
    await using kernel = await createTestKernel({ tools })
    const stop = new AbortController()
    const call = kernel.sys().tool.call({ name: 'outer' }, { signal: stop.signal })
    await kernel.clock.settle()
    stop.abort('all of it')
    await expect(call).rejects.toBe('all of it')
    expect(order).toEqual(['inner', 'outer'])
    await kernel.clock.settle()
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0 }] })
  })

  it('does not turn kernel-made rejections into unhandled ones, but driver errors it does', async () => {
    const unhandled: unknown[] = []
    const listen = (reason: unknown): void => {
      unhandled.push(reason)
    }
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', listen)
    const held = heldCore()
    const kernel = await createTestKernel({ llm: held })
    const stop = new AbortController()
    const { llm } = kernel.sys()
    void llm.chat(ASK, { signal: stop.signal })
    void llm.chat(ASK, { deadlineMs: 1 })
    void llm.chat(ASK)
    stop.abort('x')
    await kernel.clock.advance(1)
    held.held[2]?.fail(new AiosError('AIOS_LLM_AUTH', 'down'))
    await kernel.clock.settle()
    for (const { fail } of held.held) fail(new Error('end'))
    await kernel.close()
    void llm.chat(ASK)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    process.off('unhandledRejection', listen)
    for (const other of others) process.on('unhandledRejection', other)
    expect(unhandled).toMatchObject([{ code: 'AIOS_LLM_AUTH' }])
  })
})
