import type { StreamPart } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, reply, watch } from '../fake-drivers.js'
import { row, start, startChild, testBed } from '../test-bed.js'
import { ask, bed } from './budget-asking.js'

describe('calls', () => {
  it('are taken in the trap, whatever becomes of the call', async () => {
    const { kernel, a, sys } = await bed({ calls: 3 })
    await sys.memory.add({ content: 'x' })
    await sys.agent.wait({ pid: 99 }).catch(() => undefined)
    const third = watch(sys.agent.receive({}, { deadlineMs: 5 }))
    await kernel.clock.advance(5)
    expect(third.outcome).toBe('AIOS_DEADLINE_EXCEEDED')
    await expect(sys.memory.add({ content: 'y' })).rejects.toMatchObject({
      code: 'AIOS_BUDGET_EXCEEDED',
      message: 'Process 1 has used all 3 calls of its budget.',
      details: { pid: 1, kind: 'calls', limit: 3, used: 3 },
    })
    expect(a.process.usage.calls).toBe(3)
  })

  it('are not taken by a call whose request has the wrong shape', async () => {
    const { sys } = await bed({ calls: 1 })
    await expect(sys.memory.add({} as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_SYSCALL' })
    expect((await sys.memory.add({ content: 'x' })).content).toBe('x')
  })

  it('are taken from all ancestors or from none', async () => {
    const { kernel, a, sys } = await bed({ calls: 2 })
    const b = await startChild(kernel, sys, { budget: { calls: 5 } })
    await b.sys.memory.add({ content: '1' })
    await expect(b.sys.memory.add({ content: '2' })).rejects.toMatchObject({ details: { pid: 1 } })
    await expect(b.sys.memory.add({ content: '3' })).rejects.toMatchObject({ details: { pid: 1 } })
    expect([a.process.usage.calls, row(kernel, b.pid).usage.calls]).toEqual([2, 1])
  })

  it('of 0 allow no call at all', async () => {
    const { sys } = await bed({ calls: 0 })
    await expect(sys.memory.add({ content: 'x' })).rejects.toMatchObject({ code: 'AIOS_BUDGET_EXCEEDED' })
  })
})

describe('tokens', () => {
  it('reject what cannot fit even when nothing else is outstanding: that call only', async () => {
    const { kernel, held, sys } = await bed({ tokens: 10 })
    const call = ask(sys, 'x')
    await kernel.clock.settle()
    expect(call.error).toMatchObject({
      code: 'AIOS_BUDGET_EXCEEDED',
      details: { pid: 1, limits: { tokens: 10 }, usedTokens: 0, inputTokens: 10 },
    })
    expect((call.error as Error).message).toMatch(/has used 0 of 10 tokens; this call needs about 10 input tokens/)
    expect(held.started).toEqual([])
    expect((await sys.memory.add({ content: 'other' })).content).toBe('other')
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 0, queued: 0 })
  })

  it('clip the output to what is left when nothing else is outstanding', async () => {
    const { llm, sys } = await bed({ tokens: 25 })
    ask(sys, 'x', { out: 100 })
    expect(llm.requests.get('x')!.maxOutputTokens).toBe(15)
  })

  it('set a bound of output where the call names none: that of the core, at most that of the kernel', async () => {
    const one = await bed({ tokens: 1_000_000 })
    ask(one.sys, 'x')
    expect(one.llm.requests.get('x')!.maxOutputTokens).toBe(4_096)
    const two = await bed({ tokens: 1_000_000 }, { maxOutputTokens: 64 })
    ask(two.sys, 'x')
    expect(two.llm.requests.get('x')!.maxOutputTokens).toBe(64)
    const free = await bed({ calls: 9 }, { maxOutputTokens: 64 })
    ask(free.sys, 'x')
    expect(free.llm.requests.get('x')!.maxOutputTokens).toBeUndefined()
  })

  it('bound the input by its bytes where the core makes no estimate', async () => {
    const llm = heldCore()
    const kernel = await testBed({ llm })
    const { sys } = await start(kernel, { budget: { tokens: 100 } })
    ask(sys, 'x'.repeat(50), { out: 100 })
    expect(llm.requests.values().next().value!.maxOutputTokens).toBe(100 - 50 - 16)
  })

  it('are reserved when a call starts and given back when it settles, less what it used', async () => {
    const { kernel, llm, sys, finish } = await bed({ tokens: 100 })
    ask(sys, 'one', { out: 50 })
    await finish('one', 7)
    ask(sys, 'two', { out: 1_000 })
    expect(llm.requests.get('two')!.maxOutputTokens).toBe(100 - 7 - 10)
    expect(kernel.ps()[0]!.usage).toMatchObject({ inputTokens: 7, outputTokens: 0 })
  })

  it('park a call off the lane that will fit when others settle; it holds nothing meanwhile', async () => {
    const { kernel, held, sys, finish } = await bed({ tokens: 60 }, { limits: { concurrency: 1 } })
    const other = await start(kernel)
    ask(sys, 'one', { out: 30 })
    const two = ask(sys, 'two', { out: 30 })
    ask(other.sys, 'other')
    await finish('one', 0)
    // The lane is fair, so the other agent comes first; two then waits for nothing but its turn.
    expect([held.running, two.outcome]).toEqual([['two'], 'pending'])
    await finish('two', 0)
    expect(held.running).toEqual(['other'])
  })

  it('give the slot of a parked call to the next in the lane', async () => {
    const { kernel, held, sys, finish } = await bed({ tokens: 60 }, { limits: { concurrency: 2 } })
    const other = await start(kernel)
    ask(sys, 'one', { out: 30 })
    ask(sys, 'two', { out: 30 })
    ask(other.sys, 'other')
    expect(held.running).toEqual(['one', 'other'])
    expect(row(kernel, 1).calls.map(({ state, waitsFor }) => [state, waitsFor])).toEqual([
      ['running', undefined],
      ['waiting', '2 waits for the budget of process 1, held by 1'],
    ])
    await finish('one', 5)
    expect(held.running).toEqual(['other', 'two'])
  })

  it('park also a call that would fit clipped, until nothing else is outstanding', async () => {
    const { llm, sys, finish } = await bed({ tokens: 60 })
    ask(sys, 'one', { out: 30 })
    ask(sys, 'two', { out: 30 })
    expect(llm.held.running).toEqual(['one'])
    await finish('one', 25)
    expect(llm.requests.get('two')!.maxOutputTokens).toBe(25)
  })

  it('let go, in the order they came, as many of the parked calls as now fit', async () => {
    const { held, sys, finish } = await bed({ tokens: 100 })
    ask(sys, 'all', { out: 90 })
    for (const [label, out] of [
      ['a', 30],
      ['b', 30],
      ['c', 30],
    ] as const)
      ask(sys, label, { out })
    await finish('all', 0)
    expect(held.running).toEqual(['a', 'b'])
    await finish('a', 0)
    expect(held.running).toEqual(['b', 'c'])
  })

  it('let a smaller call go that fits, while a larger one before it does not', async () => {
    const { held, sys, finish } = await bed({ tokens: 100 })
    ask(sys, 'one', { out: 40 })
    ask(sys, 'two', { out: 30 })
    ask(sys, 'large', { out: 60 })
    ask(sys, 'small', { out: 20 })
    expect(held.running).toEqual(['one', 'two'])
    await finish('two', 0)
    expect(held.running).toEqual(['one', 'small'])
    await finish('small', 0)
    await finish('one', 0)
    expect(held.running).toEqual(['large'])
  })

  it('keep the place of a call that was let try again in vain', async () => {
    const { kernel, held, sys, finish } = await bed({ tokens: 100 })
    for (const label of ['one', 'two']) ask(sys, label, { out: 40 })
    for (const label of ['a', 'b', 'c']) ask(sys, label, { out: 40 })
    for (const label of ['one', 'two', 'a', 'b']) await finish(label, 0)
    expect([held.started, held.running]).toEqual([['one', 'two', 'a', 'b', 'c'], ['c']])
    expect(kernel.stats().outstanding).toBe(1)
  })

  it('charge usage above a reservation in full, which blocks the next call', async () => {
    const { kernel, sys, a, finish } = await bed({ tokens: 50 })
    ask(sys, 'one', { out: 10 })
    await finish('one', 70)
    const two = ask(sys, 'two')
    await kernel.clock.settle()
    expect([two.outcome, a.process.usage.inputTokens]).toEqual(['AIOS_BUDGET_EXCEEDED', 70])
    expect((two.error as Error).message).toMatch(/has used 70 of 50 tokens/)
  })

  it('reject every parked call that can never fit any more, not only the first', async () => {
    const { sys, finish } = await bed({ tokens: 50 })
    ask(sys, 'one', { out: 40 })
    const parked = ['two', 'three', 'four'].map((label) => ask(sys, label, { out: 20 }))
    await finish('one', 70)
    expect(parked.map(({ outcome }) => outcome)).toEqual(Array(3).fill('AIOS_BUDGET_EXCEEDED'))
  })

  it('are not lost on a driver that fails, a call that is cancelled or a process that is killed', async () => {
    const { kernel, llm, sys } = await bed({ tokens: 60 }, { polite: true })
    const controller = new AbortController()
    ask(sys, 'fails', { out: 50 })
    llm.held.fail('fails', new Error('no'))
    await kernel.clock.settle()
    ask(sys, 'cancelled', { out: 50, signal: controller.signal })
    controller.abort()
    await kernel.clock.settle()
    const child = await startChild(kernel, sys)
    ask(child.sys, 'killed', { out: 50 })
    child.returns()
    await kernel.clock.settle()
    ask(sys, 'last', { out: 50 })
    expect(llm.requests.get('last')!.maxOutputTokens).toBe(50)
  })

  it('stay reserved for a cancelled call until its driver lets go, or loses its slot', async () => {
    const { kernel, held, sys } = await bed({ tokens: 60 })
    const controller = new AbortController()
    ask(sys, 'stubborn', { out: 50, signal: controller.signal })
    controller.abort()
    ask(sys, 'next', { out: 50 })
    await kernel.clock.advance(4_999)
    expect(held.started).toEqual(['stubborn'])
    await kernel.clock.advance(1)
    expect(held.started).toEqual(['stubborn', 'next'])
    // What the driver says at last changes nothing any more.
    held.succeed('stubborn', reply(1_000, 0))
    await kernel.clock.settle()
    expect(kernel.stats().inputTokens).toBe(0)
  })

  it('charge what a core really used also when it says so of nothing that was reserved', async () => {
    const { kernel, a, held } = await bed({ calls: 5 })
    ask(a.sys, 'x')
    held.succeed('x', reply(3, 4))
    await kernel.clock.settle()
    expect(a.process.usage).toEqual({ calls: 1, inputTokens: 3, outputTokens: 4, costUsd: 0 })
  })

  it.each([
    ['NaN', NaN],
    ['less than nothing', -1],
    ['without end', Infinity],
  ])('reject a call whose core estimates %s, and leave the budget as it was', async (_name, estimate) => {
    let given = estimate
    const { kernel, llm, sys } = await bed({ tokens: 60 }, { estimate: () => given })
    const call = ask(sys, 'x')
    await kernel.clock.settle()
    expect([call.outcome, kernel.stats().lanes[0]!.running]).toEqual(['AIOS_DRIVER_FAILED', 0])
    given = 10
    ask(sys, 'y', { out: 100 })
    expect(llm.requests.get('y')!.maxOutputTokens).toBe(50)
  })

  it('reject a call whose core throws while it estimates, also when it comes from the queue', async () => {
    const cause = new Error('cannot count')
    const estimate = ({ messages }: { messages: readonly { content: unknown }[] }) => {
      if (messages[0]!.content === 'x') throw cause
      return 10
    }
    const { kernel, held, sys, finish } = await bed({ tokens: 600 }, { estimate, limits: { concurrency: 1 } })
    const first = ask(sys, 'x')
    ask(sys, 'y', { out: 10 })
    const second = ask(sys, 'x')
    ask(sys, 'z', { out: 10 })
    await finish('y', 0)
    expect([first.outcome, second.outcome, held.running]).toEqual(['AIOS_DRIVER_FAILED', 'AIOS_DRIVER_FAILED', ['z']])
    expect((first.error as Error).cause).toBe(cause)
    expect(kernel.stats().lanes[0]).toMatchObject({ running: 1, queued: 0 })
  })
})

describe('a chain of budgets', () => {
  it('reserves on the process and all its ancestors, all or none', async () => {
    const { kernel, llm, sys, finish } = await bed({ tokens: 100 })
    const b = await startChild(kernel, sys, { budget: { tokens: 1_000 } })
    const c = await startChild(kernel, sys, { budget: { tokens: 20 } })
    ask(b.sys, 'b', { out: 60 })
    ask(c.sys, 'c', { out: 20 })
    expect(llm.requests.get('c')!.maxOutputTokens).toBe(10)
    const waiting = ask(b.sys, 'b2', { out: 60 })
    expect(row(kernel, b.pid).calls[1]!.waitsFor).toMatch(/waits for the budget of process 1, held by/)
    await finish('c', 20)
    expect(waiting.outcome).toBe('pending')
    await finish('b', 10)
    expect(llm.requests.get('b2')!.maxOutputTokens).toBe(60)
    expect(kernel.ps().map(({ usage }) => usage.inputTokens)).toEqual([30, 10, 20])
  })

  it('says whose budget is used up', async () => {
    const { kernel, sys } = await bed({ tokens: 5 })
    const b = await startChild(kernel, sys, { budget: { tokens: 1_000 } })
    const call = ask(b.sys, 'x')
    await kernel.clock.settle()
    expect(call.error).toMatchObject({ details: { pid: 1 } })
  })

  it('wakes a call parked at an ancestor when a call of another child settles', async () => {
    const { kernel, held, sys, finish } = await bed({ tokens: 60 })
    const [b, c] = [await startChild(kernel, sys), await startChild(kernel, sys, { budget: { tokens: 50 } })]
    ask(b.sys, 'b', { out: 50 })
    ask(c.sys, 'c', { out: 40 })
    expect(held.running).toEqual(['b'])
    await finish('b', 0)
    expect(held.running).toEqual(['c'])
  })
})

it('streams reserve, are clipped and are charged like answers in one piece', async () => {
  const requests: (number | undefined)[] = []
  async function* parts(): AsyncGenerator<StreamPart> {
    yield { type: 'start' }
    yield { type: 'finish', finish: { unified: 'stop' }, usage: { input: { total: 5 }, output: { total: 1 } } }
  }
  const kernel = await testBed({
    llm: {
      kind: 'llm',
      id: 'main',
      model: 'm',
      estimate: () => 10,
      stream(request) {
        requests.push(request.maxOutputTokens)
        return parts()
      },
    },
  })
  const { sys, process } = await start(kernel, { budget: { tokens: 30 } })
  const messages = [{ role: 'user' as const, content: 'x' }]
  const [one, two] = [sys.llm.stream({ messages }), sys.llm.stream({ messages })]
  expect(requests).toEqual([20])
  await one.result
  await two.result
  expect([requests, process.usage.inputTokens]).toEqual([[20, 14], 10])
})
