import type { Sys } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, heldMemory, heldTools, reply, watch } from '../fake-drivers.js'
import { row, start, startChild, testBed } from '../test-bed.js'

const one = { concurrency: 1 }
const use = (sys: Sys, as: string, ...keys: string[]) => watch(sys.tool.call({ name: 'hold', input: { as, keys } }))
const waitFor = (sys: Sys, pid: number) => watch(sys.agent.wait({ pid }))
const CYCLE = 'AIOS_WAIT_CYCLE'

async function trio(toolLimits = one) {
  const [tools, memory] = [heldTools({ limits: toolLimits }), heldMemory({ limits: one })]
  const kernel = await testBed({ tools, memory })
  const [a, b, c] = [await start(kernel), await start(kernel), await start(kernel)]
  return { kernel, tools: tools.held, memory: memory.held, a, b, c }
}

describe('a wait that would close a cycle rejects with AIOS_WAIT_CYCLE', () => {
  it('for oneself', async () => {
    const { kernel, a } = await trio()
    const waiting = waitFor(a.sys, a.process.pid)
    await kernel.clock.settle()
    expect(waiting.error).toMatchObject({ code: CYCLE, details: { call: 1 } })
    expect((waiting.error as Error).message).toMatch(/1 waits for process 1 \(agent\)/)
    expect(kernel.stats().outstanding).toBe(0)
  })

  it('for oneself from within a tool', async () => {
    const { kernel, tools, a } = await trio()
    const host = use(a.sys, 't')
    const waiting = waitFor(tools.call('t').sys, a.process.pid)
    await kernel.clock.settle()
    expect([waiting.outcome, host.outcome]).toEqual([CYCLE, 'pending'])
  })

  it('for each other', async () => {
    const { kernel, a, b } = await trio()
    const first = waitFor(a.sys, b.process.pid)
    const second = waitFor(b.sys, a.process.pid)
    await kernel.clock.settle()
    expect([first.outcome, second.outcome]).toEqual(['pending', CYCLE])
    b.returns('b')
    await kernel.clock.settle()
    expect(first.value).toBe('b')
  })

  it('for each other, also while one of them is suspended: a resume would not end it', async () => {
    const { kernel, a, b } = await trio()
    waitFor(a.sys, b.process.pid)
    a.process.suspend()
    const back = waitFor(b.sys, a.process.pid)
    await kernel.clock.settle()
    expect(back.outcome).toBe(CYCLE)
  })

  it('for oneself, also beside a call that can go on: when that is done, the wait would be left', async () => {
    const { kernel, a } = await trio()
    void watch(a.sys.memory.add({ content: 'x' }))
    const back = waitFor(a.sys, a.process.pid)
    await kernel.clock.settle()
    expect(back.outcome).toBe(CYCLE)
  })

  it('in a circle of three', async () => {
    const { kernel, a, b, c } = await trio()
    waitFor(a.sys, b.process.pid)
    waitFor(b.sys, c.process.pid)
    const last = waitFor(c.sys, a.process.pid)
    await kernel.clock.settle()
    expect(last.outcome).toBe(CYCLE)
  })

  it('of a child for its parent that waits for the child', async () => {
    const { kernel, a } = await trio()
    const child = await startChild(kernel, a.sys)
    waitFor(a.sys, child.pid)
    const waiting = waitFor(child.sys, a.process.pid)
    await kernel.clock.settle()
    expect(waiting.outcome).toBe(CYCLE)
  })

  it('for messages from each other', async () => {
    const { kernel, a, b } = await trio()
    const first = watch(a.sys.agent.receive({ from: b.process.pid }))
    const second = watch(b.sys.agent.receive({ from: a.process.pid }))
    await kernel.clock.settle()
    expect([first.outcome, second.outcome]).toEqual(['pending', CYCLE])
    await b.sys.agent.send({ to: a.process.pid, message: 'after all' })
    await kernel.clock.settle()
    expect(first.outcome).toBe('fulfilled')
  })

  it('for a message from oneself', async () => {
    const { kernel, a } = await trio()
    const waiting = watch(a.sys.agent.receive({ from: a.process.pid }))
    await kernel.clock.settle()
    expect(waiting.outcome).toBe(CYCLE)
  })

  it('through a lock', async () => {
    const { kernel, tools, a, b } = await trio({ concurrency: 8 })
    use(a.sys, 'a', 'k')
    use(b.sys, 'b')
    waitFor(tools.call('a').sys, b.process.pid)
    const locked = use(tools.call('b').sys, 'nested', 'k')
    await kernel.clock.settle()
    expect(locked.outcome).toBe(CYCLE)
    expect((locked.error as Error).message).toMatch(/waits for lock k, held by 1/)
  })

  it('through two locks that nested calls take in different order', async () => {
    const { kernel, tools, a, b } = await trio({ concurrency: 8 })
    use(a.sys, 'a', 'x')
    use(b.sys, 'b', 'y')
    const first = use(tools.call('a').sys, 'a2', 'y')
    const second = use(tools.call('b').sys, 'b2', 'x')
    await kernel.clock.settle()
    expect([first.outcome, second.outcome]).toEqual(['pending', CYCLE])
    tools.succeed('b')
    await kernel.clock.settle()
    expect(tools.running).toEqual(['a', 'a2'])
  })

  it('through a slot at concurrency 1', async () => {
    const { kernel, tools, a, b } = await trio()
    use(a.sys, 'a')
    use(b.sys, 'b')
    const waiting = waitFor(tools.call('a').sys, b.process.pid)
    await kernel.clock.settle()
    expect(waiting.outcome).toBe(CYCLE)
  })

  it('through a slot, when the call for the slot comes last', async () => {
    const { kernel, tools, a, b } = await trio()
    use(a.sys, 'a')
    const waiting = waitFor(tools.call('a').sys, b.process.pid)
    const queued = use(b.sys, 'b')
    await kernel.clock.settle()
    expect([waiting.outcome, queued.outcome]).toEqual(['pending', CYCLE])
    expect(kernel.stats().lanes[1]).toMatchObject({ running: 1, queued: 0 })
  })

  it('through a key that a call holds while it waits for the slot of the one that wants the key', async () => {
    const { kernel, tools, a, b } = await trio()
    use(a.sys, 'a')
    use(b.sys, 'b', 'k')
    const nested = use(tools.call('a').sys, 'nested', 'k')
    await kernel.clock.settle()
    expect(nested.outcome).toBe(CYCLE)
  })

  it('through the slot of a call above, which another nested call has', async () => {
    const { kernel, tools, a } = await trio()
    use(a.sys, 'a')
    const child = await startChild(kernel, tools.call('a').sys)
    use(tools.call('a').sys, 'first')
    waitFor(tools.call('first').sys, child.pid)
    const second = use(child.sys, 'second')
    await kernel.clock.settle()
    expect(second.outcome).toBe(CYCLE)
  })

  it('and gives back the keys that the rejected call had gathered', async () => {
    const { kernel, tools, a, b, c } = await trio({ concurrency: 8 })
    use(a.sys, 'a', 'x')
    use(b.sys, 'b', 'z')
    use(tools.call('a').sys, 'a2', 'z')
    const nested = use(tools.call('b').sys, 'b2', 'w', 'x')
    await kernel.clock.settle()
    expect(nested.outcome).toBe(CYCLE)
    use(c.sys, 'c', 'w')
    expect(tools.running).toContain('c')
  })
})

describe('no cycle is seen', () => {
  it('where a parallel call of the other can still go on', async () => {
    const { kernel, memory, a, b } = await trio()
    void watch(b.sys.memory.add({ content: 'free' }))
    watch(a.sys.agent.receive({ from: b.process.pid }))
    const back = watch(b.sys.agent.receive({ from: a.process.pid }))
    await kernel.clock.settle()
    expect(back.outcome).toBe('pending')
    memory.succeed('free')
    await kernel.clock.settle()
    expect(back.outcome).toBe('pending')
  })

  it('where one of several holders of a slot can still go on', async () => {
    const { kernel, tools, a, b, c } = await trio({ concurrency: 2 })
    use(a.sys, 'a')
    use(c.sys, 'c')
    const waiting = waitFor(tools.call('a').sys, b.process.pid)
    const queued = use(b.sys, 'b')
    await kernel.clock.settle()
    expect([waiting.outcome, queued.outcome]).toEqual(['pending', 'pending'])
    tools.succeed('c')
    await kernel.clock.settle()
    expect(tools.running).toEqual(['a', 'b'])
  })

  it('where the message may come from one that is only suspended: an operator can resume it', async () => {
    const { kernel, a, b } = await trio()
    void watch(a.sys.agent.receive({ from: b.process.pid }))
    a.process.suspend()
    const back = watch(b.sys.agent.receive({ from: a.process.pid }))
    await kernel.clock.settle()
    expect(back.outcome).toBe('pending')
  })

  it('where somebody else can send the message', async () => {
    const { kernel, a, b } = await trio()
    const [first, second] = [watch(a.sys.agent.receive()), watch(b.sys.agent.receive({ from: a.process.pid }))]
    await kernel.clock.settle()
    expect([first.outcome, second.outcome]).toEqual(['pending', 'pending'])
  })

  it('where a hook is still thinking', async () => {
    const { kernel, a, b } = await trio()
    let goOn!: () => void
    kernel.use({ before: () => new Promise<void>((resolve) => (goOn = resolve)) }, 'memory.add')
    void watch(b.sys.memory.add({ content: 'x' }))
    waitFor(b.sys, a.process.pid)
    expect(row(kernel, b.process.pid).calls[0]).toMatchObject({
      waitsFor: '1 waits for a hook or a check of its input',
    })
    const back = watch(a.sys.agent.receive({ from: b.process.pid }))
    await kernel.clock.settle()
    expect(back.outcome).toBe('pending')
    goOn()
  })

  it('where the slot is still held for a driver that does not let go of a cancelled call', async () => {
    const { kernel, memory, a, b } = await trio()
    const controller = new AbortController()
    void watch(a.sys.memory.add({ content: 'stubborn' }, { signal: controller.signal }))
    controller.abort()
    const waiting = waitFor(a.sys, b.process.pid)
    const queued = watch(b.sys.memory.add({ content: 'queued' }))
    await kernel.clock.settle()
    expect([waiting.outcome, queued.outcome]).toEqual(['pending', 'pending'])
    expect(row(kernel, b.process.pid).calls[0]!.waitsFor).toBe('3 waits for a slot of memory')
    await kernel.clock.advance(5_000)
    expect(memory.running).toEqual(['stubborn', 'queued'])
  })

  it('where the lock is still held for such a call', async () => {
    const { kernel, tools, a, b } = await trio({ concurrency: 4 })
    const controller = new AbortController()
    const input = { as: 'stubborn', keys: ['k'] }
    void watch(a.sys.tool.call({ name: 'hold', input }, { signal: controller.signal }))
    controller.abort()
    waitFor(a.sys, b.process.pid)
    const locked = use(b.sys, 'locked', 'k')
    await kernel.clock.settle()
    expect(locked.outcome).toBe('pending')
    await kernel.clock.advance(5_000)
    expect(tools.running).toEqual(['stubborn', 'locked'])
  })

  it('where a budget is still held for such a call', async () => {
    const llm = heldCore({ estimate: () => 10, limits: { concurrency: 4 } })
    const kernel = await testBed({ llm })
    const a = await start(kernel, { budget: { tokens: 40 } })
    const [b, c] = [await startChild(kernel, a.sys), await start(kernel)]
    const controller = new AbortController()
    const ask = (sys: Sys, content: string, signal?: AbortSignal) =>
      watch(sys.llm.chat({ messages: [{ role: 'user', content }], maxOutputTokens: 20 }, { ...(signal && { signal }) }))
    ask(a.sys, 'stubborn', controller.signal)
    controller.abort()
    const parked = ask(b.sys, 'parked')
    const waiting = waitFor(c.sys, b.pid)
    await kernel.clock.settle()
    expect([parked.outcome, waiting.outcome]).toEqual(['pending', 'pending'])
    await kernel.clock.advance(5_000)
    expect(llm.held.running).toEqual(['stubborn', 'parked'])
  })

  it('where the one that holds the budget can go on', async () => {
    const llm = heldCore({ estimate: () => 10, limits: { concurrency: 4 } })
    const kernel = await testBed({ llm })
    const a = await start(kernel, { budget: { tokens: 40 } })
    const [b, c] = [await startChild(kernel, a.sys), await start(kernel)]
    const ask = (sys: Sys, content: string) =>
      watch(sys.llm.chat({ messages: [{ role: 'user', content }], maxOutputTokens: 20 }))
    ask(a.sys, 'holder')
    ask(b.sys, 'parked')
    expect(row(kernel, b.pid).calls[0]!.waitsFor).toBe('3 waits for the budget of process 1, held by 2')
    void watch(c.sys.agent.receive({ from: b.pid }))
    const back = waitFor(b.sys, c.process.pid)
    await kernel.clock.settle()
    expect(back.outcome).toBe('pending')
    llm.held.succeed('holder', reply(1, 1))
    await kernel.clock.settle()
    expect(llm.held.running).toEqual(['parked'])
  })
})

describe('ps() says every wait in a sentence', () => {
  const sentences = (kernel: Parameters<typeof row>[0], pid: number) => row(kernel, pid).calls.map((c) => c.waitsFor)

  it('for a slot, with at most three of those who hold it', async () => {
    const { kernel, a, b } = await trio({ concurrency: 5 })
    for (const as of ['1', '2', '3', '4', '5']) use(a.sys, as)
    use(b.sys, 'b')
    expect(sentences(kernel, b.process.pid)).toEqual(['6 waits for a slot of tool, held by 1, 2, 3 and 2 more'])
  })

  it('for a lock, whose holder may be suspended by an operator', async () => {
    const { kernel, a, b } = await trio({ concurrency: 5 })
    use(a.sys, 'a', 'files/a')
    use(b.sys, 'b', 'files/a')
    expect(sentences(kernel, b.process.pid)).toEqual(['2 waits for lock files/a, held by 1'])
    a.process.suspend()
    expect(sentences(kernel, b.process.pid)).toEqual(['2 waits for lock files/a, held by 1, suspended by operator'])
  })

  it('for a child and for a message', async () => {
    const { kernel, a } = await trio()
    const child = await startChild(kernel, a.sys, { name: 'helper' })
    waitFor(a.sys, child.pid)
    void watch(a.sys.agent.receive({ from: child.pid }))
    void watch(a.sys.agent.receive())
    expect(row(kernel, 1).calls.map(({ name, state, waitsFor }) => [name, state, waitsFor])).toEqual([
      ['agent.wait', 'waiting', '2 waits for process 4 (helper)'],
      ['agent.receive', 'waiting', '3 waits for a message from process 4 (helper)'],
      ['agent.receive', 'waiting', '4 waits for a message'],
    ])
  })

  it('but not for a call that is on its device', async () => {
    const { kernel, a } = await trio()
    use(a.sys, 'a')
    expect(sentences(kernel, 1)).toEqual([undefined])
  })
})
