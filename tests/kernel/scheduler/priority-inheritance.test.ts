import { fifo, priority, type PolicyDefinition } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldMemory, heldTools, watch } from '../fake-drivers.js'
import { row, start, startChild, testBed, type Puppet } from '../test-bed.js'

const one = { concurrency: 1 }

/** A memory with one slot, which a call `first` has; whatever else is asked for waits. */
async function bed(policy: PolicyDefinition = priority({ ageingMs: Infinity })) {
  const memory = heldMemory({ limits: one })
  const tools = heldTools({ limits: { concurrency: 8 } })
  const kernel = await testBed({ memory, tools, policies: { memory: policy } })
  const agent = (urgency: number) => start(kernel, { priority: urgency as 0 })
  const filler = await agent(3)
  const ask = ({ sys }: Pick<Puppet, 'sys'>, content: string, options = {}) =>
    watch(sys.memory.add({ content }, options))
  ask(filler, 'first')
  /** Serves all that waits; returns in what order. */
  const order = async () => {
    for (let label = memory.held.running[0]; label !== undefined; label = memory.held.running[0]) {
      memory.held.succeed(label)
      await kernel.clock.settle()
    }
    return memory.held.started.slice(1)
  }
  const use = ({ sys }: Pick<Puppet, 'sys'>, as: string, ...keys: string[]) =>
    watch(sys.tool.call({ name: 'hold', input: { as, keys } }))
  return { kernel, memory: memory.held, tools: tools.held, filler, agent, ask, order, use }
}

describe('whoever waits for a process lends it its priority', () => {
  it('for the calls that wait and for those made meanwhile', async () => {
    const { agent, ask, order, filler } = await bed()
    const [urgent, slow] = [await agent(6), await agent(1)]
    ask(slow, 'slow 1')
    ask(filler, 'other')
    void watch(urgent.sys.agent.wait({ pid: slow.process.pid }))
    ask(slow, 'slow 2')
    ask(slow, 'slow 3', { priority: 0 })
    expect(await order()).toEqual(['slow 1', 'slow 2', 'slow 3', 'other'])
  })

  it('as who waits for a message of it does, but not who waits for a message of anybody', async () => {
    const { agent, ask, order, filler } = await bed()
    const [urgent, slow, slower] = [await agent(6), await agent(1), await agent(0)]
    ask(slow, 'slow')
    ask(slower, 'slower')
    ask(filler, 'other')
    void watch(urgent.sys.agent.receive({ from: slow.process.pid }))
    void watch(urgent.sys.agent.receive())
    expect(await order()).toEqual(['slow', 'other', 'slower'])
  })

  it('and its descendants, those that it spawns meanwhile too, but not what it has detached', async () => {
    const { kernel, agent, ask, order, filler } = await bed()
    const [urgent, slow] = [await agent(6), await agent(1)]
    const child = await startChild(kernel, slow.sys)
    const detached = await startChild(kernel, slow.sys, { detached: true })
    ask(detached, 'detached')
    ask(child, 'child')
    ask(filler, 'other')
    void watch(urgent.sys.agent.wait({ pid: slow.process.pid }))
    const grandchild = await startChild(kernel, child.sys, { priority: 0 })
    ask(grandchild, 'grandchild')
    expect(await order()).toEqual(['child', 'grandchild', 'other', 'detached'])
  })

  it('and whatever that waits for in turn', async () => {
    const { agent, ask, order, filler } = await bed()
    const [last, middle, urgent] = [await agent(0), await agent(1), await agent(5)]
    ask(last, 'last')
    ask(filler, 'other')
    void watch(middle.sys.agent.wait({ pid: last.process.pid }))
    void watch(urgent.sys.agent.wait({ pid: middle.process.pid }))
    expect(await order()).toEqual(['last', 'other'])
  })

  it('until the wait ends: then it has its own again, or what others lend it', async () => {
    const { agent, ask, order, memory, kernel, filler } = await bed()
    const [slow, urgent, middling] = [await agent(1), await agent(6), await agent(2)]
    const stop = new AbortController()
    ask(slow, 'slow')
    ask(filler, 'other')
    void watch(urgent.sys.agent.wait({ pid: slow.process.pid }, { signal: stop.signal }))
    void watch(middling.sys.agent.wait({ pid: slow.process.pid }))
    ask(middling, 'middling')
    stop.abort()
    expect(await order()).toEqual(['other', 'middling', 'slow'])
    ask(filler, 'again')
    ask(middling, 'middling again')
    ask(slow, 'slow again', { priority: 3 })
    middling.process.kill()
    await kernel.clock.settle()
    expect(memory.running).toEqual(['again'])
  })

  it('also where two listen to each other, which keeps nothing alive that was lent from outside', async () => {
    const { agent, ask, order, filler } = await bed()
    const [a, b, urgent] = [await agent(1), await agent(1), await agent(6)]
    ask(a, 'a')
    ask(b, 'b')
    ask(filler, 'other')
    void watch(a.sys.agent.receive({ from: b.process.pid }))
    void watch(b.sys.agent.receive({ from: a.process.pid }))
    const stop = new AbortController()
    void watch(urgent.sys.agent.wait({ pid: a.process.pid }, { signal: stop.signal }))
    stop.abort()
    expect(await order()).toEqual(['other', 'a', 'b'])
  })

  it('only raising: a process that is more urgent than who waits for it stays so', async () => {
    const { agent, ask, order, filler } = await bed()
    const [slow, urgent] = [await agent(1), await agent(6)]
    ask(filler, 'other')
    ask(urgent, 'urgent')
    void watch(slow.sys.agent.wait({ pid: urgent.process.pid }))
    expect(await order()).toEqual(['urgent', 'other'])
  })

  it('as it changes: setPriority of who waits, and of what is waited for', async () => {
    const { agent, ask, order, filler, kernel, memory } = await bed()
    const [slow, waiter] = [await agent(0), await agent(1)]
    ask(slow, 'slow')
    ask(filler, 'other')
    void watch(waiter.sys.agent.wait({ pid: slow.process.pid }))
    waiter.process.setPriority(7)
    memory.succeed('first')
    await kernel.clock.settle()
    expect(memory.running).toEqual(['slow'])
    ask(slow, 'slow 1')
    slow.process.setPriority(2)
    ask(slow, 'slow 2')
    waiter.process.setPriority(0)
    expect(await order()).toEqual(['slow', 'other', 'slow 1', 'slow 2'])
  })

  it('and shows both in ps()', async () => {
    const { kernel, agent } = await bed()
    const [slow, urgent] = [await agent(1), await agent(6)]
    void watch(urgent.sys.agent.wait({ pid: slow.process.pid }))
    expect(row(kernel, slow.process.pid)).toMatchObject({ priority: 1, effectivePriority: 6 })
    urgent.process.kill()
    expect(row(kernel, slow.process.pid)).toMatchObject({ priority: 1, effectivePriority: 1 })
  })

  it('without losing a place under fifo, which knows no priorities', async () => {
    const { agent, ask, order, filler } = await bed(fifo())
    const [slow, urgent] = [await agent(1), await agent(6)]
    ask(slow, 'slow')
    ask(filler, 'other')
    void watch(urgent.sys.agent.wait({ pid: slow.process.pid }))
    expect(await order()).toEqual(['slow', 'other'])
  })
})

describe('whoever waits for a conflict key lends its priority to the call that holds it', () => {
  it('and to what that call makes', async () => {
    const { agent, ask, order, use, tools, filler } = await bed()
    const [slow, urgent] = [await agent(1), await agent(6)]
    use(slow, 'slow', 'k')
    const inner = tools.call('slow').sys
    ask({ sys: inner }, 'nested 1')
    ask(filler, 'other')
    use(urgent, 'urgent', 'k')
    ask({ sys: inner }, 'nested 2', { priority: 0 })
    ask(slow, 'slow besides')
    expect(await order()).toEqual(['nested 1', 'nested 2', 'other', 'slow besides'])
  })

  it('to the next holder when the key is handed on', async () => {
    const { kernel, agent, ask, order, use, tools, filler } = await bed()
    const [first, second, urgent] = [await agent(1), await agent(1), await agent(6)]
    use(first, 'first', 'k')
    use(second, 'second', 'k')
    use(urgent, 'urgent', 'k')
    const before = tools.call('first').sys
    tools.succeed('first')
    await kernel.clock.settle()
    ask(filler, 'other')
    ask({ sys: tools.call('second').sys }, 'nested')
    ask({ sys: before }, 'never')
    expect(await order()).toEqual(['nested', 'other'])
  })

  it('until it gives up', async () => {
    const { agent, ask, order, use, tools, filler } = await bed()
    const [slow, urgent] = [await agent(1), await agent(6)]
    use(slow, 'slow', 'k')
    ask({ sys: tools.call('slow').sys }, 'nested')
    ask(filler, 'other')
    use(urgent, 'urgent', 'k')
    urgent.process.kill()
    expect(await order()).toEqual(['other', 'nested'])
  })

  it('also when that call waits for a slot itself', async () => {
    const tools = heldTools({ limits: one })
    const kernel = await testBed({ tools, policies: { tool: priority({ ageingMs: Infinity }) } })
    const [busy, slow, urgent] = [await start(kernel), await start(kernel, { priority: 1 }), await start(kernel)]
    const use = ({ sys }: Puppet, as: string, ...keys: string[]) =>
      watch(sys.tool.call({ name: 'hold', input: { as, keys } }))
    use(busy, 'first')
    use(slow, 'slow', 'k')
    use(busy, 'other')
    urgent.process.setPriority(5)
    use(urgent, 'urgent', 'k')
    tools.held.succeed('first')
    await kernel.clock.settle()
    expect(tools.held.running).toEqual(['slow'])
  })
})

it('carries a priority through chains of any length', async () => {
  const { agent, ask, order, filler } = await bed()
  const chain: Awaited<ReturnType<typeof agent>>[] = []
  for (let n = 0; n < 3_000; n += 1) chain.push(await agent(1))
  ask(chain.at(-1)!, 'end of the chain')
  ask(filler, 'other')
  // From the front, so that nobody has far to look for a circle.
  for (const [n, { process }] of chain.slice(1).entries()) void watch(chain[n]!.sys.agent.wait({ pid: process.pid }))
  const urgent = await agent(7)
  void watch(urgent.sys.agent.wait({ pid: chain[0]!.process.pid }))
  expect(await order()).toEqual(['end of the chain', 'other'])
})
