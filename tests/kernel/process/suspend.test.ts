import { fifo, type StreamPart } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, heldMemory, heldTools, noteOf, reply, watch } from '../fake-drivers.js'
import { row, start, startChild, testBed } from '../test-bed.js'

const one = { concurrency: 1 }

describe('suspend', () => {
  it('takes queued calls off their lane and lets them queue again in order', async () => {
    const memory = heldMemory({ limits: one })
    const kernel = await testBed({ memory, policies: { memory: fifo() } })
    const [a, b] = [await start(kernel), await start(kernel)]
    void watch(b.sys.memory.add({ content: 'b1' }))
    for (const content of ['a1', 'a2', 'a3']) void watch(a.sys.memory.add({ content }))
    void watch(b.sys.memory.add({ content: 'b2' }))
    a.process.suspend()
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1, queued: 1 })
    expect(row(kernel, 1).calls.map(({ state, waitsFor }) => [state, waitsFor])).toEqual([
      ['waiting', '2 waits for its process to be resumed'],
      ['waiting', '3 waits for its process to be resumed'],
      ['waiting', '4 waits for its process to be resumed'],
    ])
    memory.held.succeed('b1')
    await kernel.clock.settle()
    expect(memory.held.running).toEqual(['b2'])
    a.process.resume()
    for (const content of ['b2', 'a1', 'a2']) {
      memory.held.succeed(content)
      await kernel.clock.settle()
    }
    expect(memory.held.started).toEqual(['b1', 'b2', 'a1', 'a2', 'a3'])
  })

  it('stops new calls before their lane, behind those that waited', async () => {
    const memory = heldMemory({ limits: one })
    const kernel = await testBed({ memory })
    const a = await start(kernel)
    void watch(a.sys.memory.add({ content: 'running' }))
    void watch(a.sys.memory.add({ content: 'queued' }))
    a.process.suspend()
    void watch(a.sys.memory.add({ content: 'new' }))
    memory.held.succeed('running')
    await kernel.clock.settle()
    expect([memory.held.started, kernel.stats().lanes[0]!.running]).toEqual([['running'], 0])
    a.process.resume()
    memory.held.succeed('queued')
    await kernel.clock.settle()
    expect(memory.held.started).toEqual(['running', 'queued', 'new'])
  })

  it('stops calls that need no slot as well', async () => {
    const kernel = await testBed()
    const [a, b] = [await start(kernel), await start(kernel)]
    a.process.suspend()
    const sent = watch(a.sys.agent.send({ to: b.process.pid, message: 'hello' }))
    await kernel.clock.settle()
    expect([sent.outcome, row(kernel, b.process.pid).mailbox]).toEqual(['pending', 0])
    a.process.resume()
    await kernel.clock.settle()
    expect([sent.outcome, row(kernel, b.process.pid).mailbox]).toEqual(['fulfilled', 1])
  })

  it('lets running calls go on, frees their slots and holds their results until resume', async () => {
    const memory = heldMemory({ limits: { concurrency: 2 } })
    const kernel = await testBed({ memory })
    const [a, b] = [await start(kernel), await start(kernel)]
    const good = watch(a.sys.memory.add({ content: 'good' }))
    const bad = watch(a.sys.memory.add({ content: 'bad' }))
    void watch(b.sys.memory.add({ content: 'b1' }))
    void watch(b.sys.memory.add({ content: 'b2' }))
    a.process.suspend()
    memory.held.succeed('good', noteOf('value'))
    memory.held.fail('bad', new Error('broken'))
    await kernel.clock.settle()
    expect([good.outcome, bad.outcome, memory.held.running]).toEqual(['pending', 'pending', ['b1', 'b2']])
    expect(row(kernel, 1).calls.map(({ state, waitsFor }) => [state, waitsFor])).toEqual([
      ['held', '1 waits for its process to be resumed'],
      ['held', '2 waits for its process to be resumed'],
    ])
    a.process.resume()
    await kernel.clock.settle()
    expect([good.value, bad.outcome]).toEqual([noteOf('value'), 'AIOS_DRIVER_FAILED'])
  })

  it('holds results in the order in which the calls were made', async () => {
    const memory = heldMemory()
    const kernel = await testBed({ memory })
    const a = await start(kernel)
    const order: string[] = []
    for (const content of ['1', '2', '3']) void a.sys.memory.add({ content }).then(() => order.push(content))
    a.process.suspend()
    for (const content of ['3', '1', '2']) memory.held.succeed(content)
    await kernel.clock.settle()
    expect(order).toEqual([])
    a.process.resume()
    await kernel.clock.settle()
    expect(order).toEqual(['1', '2', '3'])
  })

  it('holds results back also where a hook looks into the call', async () => {
    const memory = heldMemory()
    const kernel = await testBed({ memory })
    kernel.use({ after: () => undefined })
    const a = await start(kernel)
    const call = watch(a.sys.memory.add({ content: 'x' }))
    const failing = watch(a.sys.memory.add({ content: 'y' }))
    await kernel.clock.settle()
    a.process.suspend()
    memory.held.succeed('x', noteOf('x'))
    memory.held.fail('y', new Error('no'))
    await kernel.clock.settle()
    expect([call.outcome, failing.outcome]).toEqual(['pending', 'pending'])
    expect(row(kernel, 1).calls.map(({ state }) => state)).toEqual(['held', 'held'])
    a.process.resume()
    await kernel.clock.settle()
    expect([call.outcome, failing.outcome]).toEqual(['fulfilled', 'AIOS_DRIVER_FAILED'])
  })

  it('holds messages and ends of children back', async () => {
    const kernel = await testBed()
    const [a, b] = [await start(kernel), await start(kernel)]
    const received = watch(a.sys.agent.receive())
    const waited = watch(a.sys.agent.wait({ pid: b.process.pid }))
    a.process.suspend()
    await b.sys.agent.send({ to: a.process.pid, message: 'hello' })
    b.returns('end')
    await kernel.clock.settle()
    expect([received.outcome, waited.outcome]).toEqual(['pending', 'pending'])
    a.process.resume()
    await kernel.clock.settle()
    expect([(received.value as { message: unknown }).message, waited.value]).toEqual(['hello', 'end'])
  })

  it('gives back the locks that a waiting call has gathered', async () => {
    const tools = heldTools({ limits: one })
    const kernel = await testBed({ tools })
    const [a, b, c] = [await start(kernel), await start(kernel), await start(kernel)]
    const hold = (puppet: typeof a, as: string, ...keys: string[]) =>
      void watch(puppet.sys.tool.call({ name: 'hold', input: { as, keys } }))
    hold(c, 'c')
    hold(a, 'a', 'k')
    hold(b, 'b', 'k')
    expect(row(kernel, 2).calls[0]!.waitsFor).toBe('3 waits for lock k, held by 2')
    a.process.suspend()
    tools.held.succeed('c')
    await kernel.clock.settle()
    expect(tools.held.running).toEqual(['b'])
    a.process.resume()
    expect(row(kernel, 1).calls[0]!.waitsFor).toBe('2 waits for lock k, held by 3')
    tools.held.succeed('b')
    await kernel.clock.settle()
    expect(tools.held.running).toEqual(['a'])
  })

  it('covers the children, however deep, and those that are spawned meanwhile', async () => {
    const memory = heldMemory()
    const kernel = await testBed({ memory })
    const a = await start(kernel)
    const b = await startChild(kernel, a.sys)
    const c = await startChild(kernel, b.sys)
    a.process.suspend()
    void watch(c.sys.memory.add({ content: 'c' }))
    await kernel.clock.settle()
    expect([memory.held.started, row(kernel, c.pid).state]).toEqual([[], 'suspended'])
    a.process.resume()
    expect([memory.held.started, row(kernel, c.pid).state]).toEqual([['c'], 'running'])
  })

  it('does not stop calls under a call that holds a slot, nor hold their results', async () => {
    const [memory, tools] = [heldMemory(), heldTools()]
    const kernel = await testBed({ memory, tools })
    const a = await start(kernel)
    const call = watch(a.sys.tool.call({ name: 'hold', input: { as: 't' } }))
    a.process.suspend()
    const nested = watch(tools.held.call('t').sys.memory.add({ content: 'nested' }))
    expect(memory.held.running).toEqual(['nested'])
    memory.held.succeed('nested', noteOf('nested'))
    tools.held.succeed('t', 'out')
    await kernel.clock.settle()
    expect([nested.outcome, call.outcome]).toEqual(['fulfilled', 'pending'])
    a.process.resume()
    await kernel.clock.settle()
    expect(call.value).toEqual({ name: 'local/hold', output: 'out' })
  })

  it('leaves a queued call under a slot-holder in its lane', async () => {
    const [memory, tools] = [heldMemory({ limits: one }), heldTools()]
    const kernel = await testBed({ memory, tools })
    const [a, b] = [await start(kernel), await start(kernel)]
    void watch(b.sys.memory.add({ content: 'b' }))
    void watch(a.sys.tool.call({ name: 'hold', input: { as: 't' } }))
    void watch(tools.held.call('t').sys.memory.add({ content: 'nested' }))
    a.process.suspend()
    memory.held.succeed('b')
    await kernel.clock.settle()
    expect(memory.held.running).toEqual(['nested'])
  })

  it('holds back the parts of a stream, lets the core finish, and goes on where the consumer was', async () => {
    const text = (part: string): StreamPart => ({ type: 'text-delta', id: '0', text: part })
    const usage = { input: { total: 1 }, output: { total: 1 } }
    const parts: StreamPart[] = [
      { type: 'start' },
      ...['a', 'b', 'c'].map(text),
      { type: 'finish', finish: { unified: 'stop' }, usage },
    ]
    const kernel = await testBed({
      llm: {
        kind: 'llm',
        id: 'main',
        model: 'm',
        limits: one,
        async *stream() {
          yield* parts
        },
      },
    })
    const a = await start(kernel)
    const stream = a.sys.llm.stream({ messages: [{ role: 'user', content: 'go' }] })
    const seen: string[] = []
    const reading = watch(
      (async () => {
        for await (const part of stream) {
          seen.push(part.type)
          if (seen.length === 2) a.process.suspend()
        }
      })(),
    )
    await kernel.clock.settle()
    await kernel.clock.advance(200_000)
    expect([seen, reading.outcome]).toEqual([['start', 'text-delta'], 'pending'])
    expect(kernel.stats().lanes[0]!.running).toBe(0)
    a.process.resume()
    await kernel.clock.settle()
    expect(seen).toEqual(['start', 'text-delta', 'text-delta', 'text-delta', 'finish'])
    expect((await stream.result).text).toBe('abc')
  })
})

describe('what beats a held result', () => {
  const heldResult = async (options: { readonly signal?: AbortSignal; readonly deadlineMs?: number } = {}) => {
    const memory = heldMemory()
    const kernel = await testBed({ memory })
    const a = await start(kernel)
    const call = watch(a.sys.memory.add({ content: 'x' }, options))
    a.process.suspend()
    memory.held.succeed('x', noteOf('x'))
    await kernel.clock.settle()
    return { kernel, a, call }
  }

  it('is a kill', async () => {
    const { kernel, a, call } = await heldResult()
    a.process.kill()
    a.process.resume()
    await kernel.clock.settle()
    expect([call.outcome, a.process.state]).toEqual(['AIOS_PROCESS_KILLED', 'exited'])
  })

  it('is a signal', async () => {
    const controller = new AbortController()
    const { kernel, a, call } = await heldResult({ signal: controller.signal })
    controller.abort('stop')
    await kernel.clock.settle()
    a.process.resume()
    await kernel.clock.settle()
    expect(call.error).toBe('stop')
  })

  it('is a deadline, which ticks on', async () => {
    const { kernel, a, call } = await heldResult({ deadlineMs: 30 })
    await kernel.clock.advance(29)
    expect(call.outcome).toBe('pending')
    await kernel.clock.advance(1)
    expect(call.outcome).toBe('AIOS_DEADLINE_EXCEEDED')
    a.process.resume()
    await kernel.clock.settle()
    expect(kernel.stats().outstanding).toBe(0)
  })

  it('is the end of the kernel', async () => {
    const { kernel, call } = await heldResult()
    await kernel.close()
    expect(call.outcome).toBe('AIOS_CLOSED')
  })

  it('is the end of the agent function', async () => {
    const { kernel, a, call } = await heldResult()
    a.returns()
    await kernel.clock.settle()
    expect(call.outcome).toBe('AIOS_PROCESS_EXITED')
  })
})

describe('a call that waits while its process is suspended', () => {
  it('can still be cancelled, and then does not run on resume', async () => {
    const memory = heldMemory()
    const kernel = await testBed({ memory })
    const a = await start(kernel)
    a.process.suspend()
    const controller = new AbortController()
    const calls = [
      watch(a.sys.memory.add({ content: 'signal' }, { signal: controller.signal })),
      watch(a.sys.memory.add({ content: 'deadline' }, { deadlineMs: 10 })),
      watch(a.sys.memory.add({ content: 'stays' })),
    ]
    controller.abort('stop')
    await kernel.clock.advance(10)
    a.process.resume()
    expect(memory.held.started).toEqual(['stays'])
    expect(calls.map(({ outcome }) => outcome)).toEqual(['stop', 'AIOS_DEADLINE_EXCEEDED', 'pending'])
  })

  it('gives its place among those parked for a budget to the next one', async () => {
    const core = heldCore({ estimate: () => 10, limits: { concurrency: 8 } })
    const kernel = await testBed({ llm: core })
    const a = await start(kernel, { budget: { tokens: 40 } })
    const b = await startChild(kernel, a.sys)
    const [c, d] = [kernel.spawn(() => null, undefined), await startChild(kernel, a.sys)]
    await c.result
    const ask = (sys: typeof a.sys, content: string) =>
      watch(sys.llm.chat({ messages: [{ role: 'user', content }], maxOutputTokens: 20 }))
    ask(a.sys, 'a')
    ask(b.sys, 'b')
    ask(d.sys, 'd')
    expect(core.held.running).toEqual(['a'])
    a.process.suspend()
    a.process.resume()
    core.held.succeed('a', reply(1, 1))
    await kernel.clock.settle()
    expect(core.held.running).toEqual(['b'])
    core.held.succeed('b', reply(1, 1))
    await kernel.clock.settle()
    expect(core.held.running).toEqual(['d'])
  })
})
