import {
  AiosError,
  type CoreRequest,
  type KernelOptions,
  type ProcessLimits,
  type SyscallOptions,
  type Sys,
} from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, reply, watch, type HeldCoreOptions, type Watched } from '../fake-drivers.js'
import { row, start, startChild, testBed } from '../test-bed.js'

const ask = (sys: Sys, content: string, options?: SyscallOptions): Watched =>
  watch(sys.llm.chat({ messages: [{ role: 'user', content }], maxOutputTokens: 10 }, options))

/** A core that takes every input for 10 tokens, and a process with limits. */
async function bed(limits: ProcessLimits, core: HeldCoreOptions = {}, options: KernelOptions = {}) {
  const llm = heldCore({ estimate: () => 10, limits: { concurrency: 100 }, ...core })
  const kernel = await testBed({ ...options, llm })
  const agent = await start(kernel, { limits })
  const finish = async (label: string, used = 20): Promise<void> => {
    llm.held.succeed(label, reply(used - 10, 10))
    await kernel.clock.settle()
  }
  return { kernel, held: llm.held, agent, sys: agent.sys, finish, waitsFor: () => waitsFor() }
  function waitsFor() {
    return row(kernel, agent.process.pid).calls.map((call) => call.waitsFor?.replace(/^\d+ waits for /, ''))
  }
}

describe('limits of a process', () => {
  it('hold its calls back beside the lane, first come first served, and nobody else’s', async () => {
    const { kernel, held, sys, finish } = await bed({ concurrency: 1 }, { limits: { concurrency: 2, depth: 0 } })
    for (const name of ['a', 'b', 'c']) ask(sys, name)
    const other = (await start(kernel)).sys
    ask(other, 'other')
    await kernel.clock.settle()
    expect(held.running).toEqual(['a', 'other'])
    expect(kernel.stats().lanes[0]!.queued).toBe(0)
    await finish('a')
    expect(held.running).toEqual(['other', 'b'])
    await finish('b')
    await finish('c')
    await finish('other')
  })

  it('count its descendants, detached ones too', async () => {
    const { kernel, held, sys, finish } = await bed({ concurrency: 1 })
    const child = await startChild(kernel, sys, { detached: true, limits: { concurrency: 5 } })
    ask(child.sys, 'child')
    ask(sys, 'parent')
    await kernel.clock.settle()
    expect(held.running).toEqual(['child'])
    expect(row(kernel, child.pid).calls[0]!.state).toBe('running')
    await finish('child')
    expect(held.running).toEqual(['parent'])
    await finish('parent')
  })

  it('let go of a rate as it flows, by one timer, and of none while nobody waits', async () => {
    const { kernel, held, sys, waitsFor } = await bed({ rpm: 60, burst: 1 / 60 })
    for (const name of ['a', 'b', 'c']) ask(sys, name)
    await kernel.clock.settle()
    expect(kernel.clock.pending).toBe(1)
    expect(waitsFor()).toEqual([undefined, 'the limits of process 1', 'the limits of process 1'])
    await kernel.clock.advance(999)
    expect(held.started).toEqual(['a'])
    await kernel.clock.advance(1_001)
    expect(held.started).toEqual(['a', 'b', 'c'])
    expect(kernel.clock.pending).toBe(0)
  })

  it('let no smaller call pass one that came before it', async () => {
    const estimate = (request: CoreRequest): number => (request.messages[0]!.content as string).length
    const { kernel, held, sys } = await bed({ tpm: 100, burst: 1 }, { estimate })
    for (const text of ['a'.padEnd(60), 'b'.padEnd(60), 'c']) ask(sys, text)
    await kernel.clock.settle()
    expect(held.started.map((text) => text.trim())).toEqual(['a'])
    await kernel.clock.advance(61_000)
    expect(held.started.map((text) => text.trim())).toEqual(['a', 'b', 'c'])
  })

  it('give back what a call did not use', async () => {
    const { kernel, held, sys, finish } = await bed({ tpm: 40, burst: 1 })
    for (const name of ['a', 'b', 'c']) ask(sys, name.padEnd(400))
    await kernel.clock.settle()
    expect(held.running).toHaveLength(2)
    await finish('a'.padEnd(400), 10)
    expect(held.running).toHaveLength(1)
    await finish('b'.padEnd(400), 10)
    expect(held.running.map((text) => text.trim())).toEqual(['c'])
    await finish('c'.padEnd(400))
  })

  it('reject what can never fit, with the arithmetic, and money without a price', async () => {
    const long = 'x'.repeat(4_000)
    const { kernel, sys } = await bed({ tpm: 500 }, { estimate: () => 5_000 })
    const call = ask(sys, long)
    await kernel.clock.settle()
    expect(AiosError.is(call.error, 'AIOS_LIMIT_IMPOSSIBLE')).toBe(true)
    expect(String(call.error)).toMatch(/needs 1,011 tokens, more than the 500 a minute that process 1 may use/)
    const unpriced = ask((await start(kernel, { limits: { usdPerDay: 1 } })).sys, 'a')
    await kernel.clock.settle()
    expect(unpriced.outcome).toBe('AIOS_BUDGET_UNPRICED')
  })

  it('hold money of a day', async () => {
    const price = { inputUsdPerMTok: 0, outputUsdPerMTok: 10_000 }
    const { kernel, held, sys, finish } = await bed({ usdPerDay: 0.15 }, { price })
    for (const name of ['a', 'b']) ask(sys, name)
    await kernel.clock.settle()
    await finish('a')
    expect(held.started).toEqual(['a'])
    await kernel.clock.advance(86_400_000 + 600_000)
    expect(held.started).toEqual(['a', 'b'])
    await finish('b')
  })

  it('reject a core that cannot say how much it needs, and go on', async () => {
    const { kernel, held, sys } = await bed(
      { tpm: 500, concurrency: 1 },
      {
        estimate: () => {
          throw new Error('No idea.')
        },
      },
    )
    const call = ask(sys, 'a')
    await kernel.clock.settle()
    expect([call.outcome, held.started]).toEqual(['AIOS_DRIVER_FAILED', []])
    expect(ask(sys, 'b').outcome).toBe('pending')
    await kernel.clock.settle()
    expect(kernel.stats().outstanding).toBe(0)
  })

  it('are for a tenant what they are for a process, and outlive its processes', async () => {
    const tenants = { free: { weight: 2, limits: { rpm: 1 } } }
    const { kernel, held, finish } = await bed({}, {}, { tenants })
    const one = await start(kernel, { tenant: 'free' })
    ask(one.sys, 'a')
    await kernel.clock.settle()
    await finish('a')
    one.process.kill()
    const two = await start(kernel, { tenant: 'free' })
    ask(two.sys, 'b')
    await kernel.clock.settle()
    expect(row(kernel, two.process.pid).calls[0]!.waitsFor).toMatch(/waits for the limits of tenant free$/)
    await kernel.clock.advance(61_000)
    expect(held.started).toEqual(['a', 'b'])
    await finish('b')
  })

  it.each([
    ['unknown', { rps: 1 }],
    ['zero', { rpm: 0 }],
    ['negative', { tpm: -1 }],
    ['fractional', { concurrency: 1.5 }],
    ['no', { usdPerDay: Number.NaN }],
  ])('are refused with an %s value', async (_, limits) => {
    const kernel = await testBed({ llm: heldCore() })
    expect(() => kernel.sys({ limits: limits as ProcessLimits })).toThrow(/limits/)
    await expect(testBed({ tenants: { free: { limits: limits as ProcessLimits } } })).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
    })
  })
})

describe('what a call holds of the limits of its process', () => {
  const full = async (core: HeldCoreOptions = {}) => {
    const made = await bed({ concurrency: 1 }, core)
    const first = ask(made.sys, 'a')
    await made.kernel.clock.settle()
    return { ...made, first }
  }

  it('comes back when it is killed while it waits in its lane', async () => {
    const { kernel, held, agent } = await bed({ concurrency: 1 }, { limits: { concurrency: 1 } })
    const other = await start(kernel)
    ask(other.sys, 'other')
    const child = await startChild(kernel, agent.sys)
    const given = new AbortController()
    ask(child.sys, 'a', { signal: given.signal })
    ask(agent.sys, 'b')
    await kernel.clock.settle()
    given.abort()
    await kernel.clock.settle()
    held.succeed('other', reply(1, 1))
    await kernel.clock.settle()
    expect(held.running).toEqual(['b'])
    held.succeed('b', reply(1, 1))
    await kernel.clock.settle()
  })

  it('comes back when its process is suspended in a lane, and is asked for again on resume', async () => {
    const { kernel, held, agent } = await bed({}, { limits: { concurrency: 1 } })
    const parent = await start(kernel, { limits: { concurrency: 1 } })
    const [one, two] = [await startChild(kernel, parent.sys), await startChild(kernel, parent.sys)]
    ask(agent.sys, 'busy')
    ask(one.sys, 'one')
    ask(two.sys, 'two')
    await kernel.clock.settle()
    const handle = kernel.ps().find(({ pid }) => pid === one.pid)!
    expect(handle.calls[0]!.state).toBe('queued')
    parent.process.suspend()
    parent.process.resume()
    await kernel.clock.settle()
    held.succeed('busy', reply(1, 1))
    await kernel.clock.settle()
    expect(held.running).toEqual(['one'])
    held.succeed('one', reply(1, 1))
    await kernel.clock.settle()
    expect(held.running).toEqual(['two'])
    held.succeed('two', reply(1, 1))
    await kernel.clock.settle()
  })

  it('comes back after a deadline, when the driver lets go', async () => {
    const { kernel, held, sys } = await bed({ concurrency: 1 }, { polite: true })
    const late = ask(sys, 'late', { deadlineMs: 10 })
    ask(sys, 'next')
    await kernel.clock.advance(11)
    expect(late.outcome).toBe('AIOS_DEADLINE_EXCEEDED')
    expect(held.running).toEqual(['next'])
  })

  it('is passed on when one that waits is given up', async () => {
    const { kernel, held, sys } = await bed({ tpm: 25, burst: 1 })
    ask(sys, 'a'.padEnd(40))
    const big = ask(sys, 'b'.padEnd(80), { deadlineMs: 30_000 })
    await kernel.clock.settle()
    await kernel.clock.advance(30_001)
    expect(big.outcome).toBe('AIOS_DEADLINE_EXCEEDED')
    expect(kernel.clock.pending).toBe(0)
    expect(held.running).toHaveLength(1)
  })

  it('comes back while a failed attempt pauses', async () => {
    const { kernel, held, sys, first } = await full()
    ask(sys, 'b')
    held.fail('a', new AiosError('AIOS_LLM_RATE_LIMIT', 'Slow down.', { retryAfterMs: 5_000 }))
    await kernel.clock.settle()
    expect(held.running).toEqual(['b'])
    await kernel.clock.advance(6_000)
    expect(held.running).toEqual(['b'])
    held.succeed('b', reply(1, 1))
    await kernel.clock.settle()
    held.succeed('a', reply(1, 1))
    await kernel.clock.settle()
    expect(first.state).toBe('fulfilled')
  })

  it('comes back when the lane refuses the call', async () => {
    const { kernel, sys, held } = await bed({ concurrency: 2 }, { limits: { concurrency: 1, depth: 0 } })
    const calls = ['a', 'b', 'c'].map((name) => ask(sys, name))
    await kernel.clock.settle()
    expect(calls.map(({ outcome }) => outcome)).toEqual(['pending', 'AIOS_QUEUE_FULL', 'AIOS_QUEUE_FULL'])
    held.succeed('a', reply(1, 1))
    await kernel.clock.settle()
  })

  it('comes back when its core is removed, and those that wait are told', async () => {
    const { kernel, held, sys, first } = await full({ polite: true })
    const second = ask(sys, 'b')
    await kernel.clock.settle()
    const removed = kernel.devices.remove('llm/main')
    expect(held.running).toEqual(['a'])
    held.succeed('a', reply(1, 1))
    await kernel.clock.settle()
    await removed
    expect([first.outcome, second.outcome]).toEqual(['fulfilled', 'AIOS_NO_DEVICE'])
    const spare = heldCore({ id: 'spare' })
    await kernel.devices.add(spare)
    ask(sys, 'c')
    await kernel.clock.settle()
    expect(spare.held.running).toEqual(['c'])
    spare.held.succeed('c', reply(1, 1))
    await kernel.clock.settle()
  })

  it('comes back when a budget makes the call wait after all', async () => {
    const llm = heldCore({ estimate: () => 10, limits: { concurrency: 9 } })
    const kernel = await testBed({ llm })
    const parent = await start(kernel, { limits: { concurrency: 2 } })
    const poor = await startChild(kernel, parent.sys, { budget: { tokens: 20 } })
    const rich = await startChild(kernel, parent.sys)
    for (const name of ['a', 'b']) ask(poor.sys, name)
    ask(rich.sys, 'c')
    await kernel.clock.settle()
    expect(llm.held.running).toEqual(['a', 'c'])
    for (const name of ['a', 'c']) llm.held.succeed(name, reply(0, 0))
    await kernel.clock.settle()
    expect(llm.held.running).toEqual(['b'])
    llm.held.succeed('b', reply(1, 1))
    await kernel.clock.settle()
  })

  it('is not asked again of what a core asks for in the course of a call', async () => {
    let asks = 0
    const kernel = await testBed({
      llm: {
        ...{ kind: 'llm', id: 'main', model: 'm', limits: { concurrency: 3 } },
        chat: async (_request, call) => {
          asks += 1
          if (asks < 3) await call.sys.llm.chat({ messages: [{ role: 'user', content: 'nested' }] })
          return reply(1, 1)
        },
      },
    })
    const { sys } = await start(kernel, { limits: { concurrency: 1, rpm: 60, burst: 1 / 60 } })
    const [call, next] = [ask(sys, 'a'), ask(sys, 'b')]
    await kernel.clock.settle()
    expect([asks, call.state]).toEqual([1, 'pending'])
    await kernel.clock.advance(4_000)
    expect([asks, call.outcome, next.outcome]).toEqual([4, 'fulfilled', 'fulfilled'])
  })

  it('is not there for another while the call waits in its lane', async () => {
    const { kernel, held } = await bed({}, { limits: { concurrency: 1 } })
    const slow = await start(kernel)
    ask(slow.sys, 'slow')
    const limited = await start(kernel, { limits: { tpm: 30, burst: 1 } })
    for (const name of ['a', 'b']) ask(limited.sys, name)
    await kernel.clock.settle()
    expect(row(kernel, limited.process.pid).calls.map(({ waitsFor }) => waitsFor?.replace(/^\d+ /, ''))).toEqual([
      'waits for a slot of llm/main, held by 1',
      expect.stringContaining('waits for the limits of process'),
    ])
    for (const name of ['slow', 'a', 'b']) {
      held.succeed(name, reply(10, 10))
      await kernel.clock.advance(61_000)
    }
    expect(held.started).toEqual(['slow', 'a', 'b'])
  })

  it('counts when the call starts, not when it entered its lane', async () => {
    const { kernel, held } = await bed({}, { limits: { concurrency: 1 } })
    const slow = await start(kernel)
    ask(slow.sys, 'slow')
    const limited = await start(kernel, { limits: { rpm: 2, burst: 1 } })
    for (const name of ['a', 'b', 'c', 'd']) ask(limited.sys, name)
    // c and d are let on to the lane when a and b have been there for a minute, and all wait for the slot.
    await kernel.clock.advance(61_000)
    held.succeed('slow', reply(1, 1))
    for (const name of ['a', 'b']) {
      await kernel.clock.settle()
      held.succeed(name, reply(1, 1))
    }
    await kernel.clock.advance(59_000)
    expect(held.started).toEqual(['slow', 'a', 'b'])
    await kernel.clock.advance(2_000)
    held.succeed('c', reply(1, 1))
    await kernel.clock.settle()
    held.succeed('d', reply(1, 1))
    await kernel.clock.settle()
  })
})

it('a wait for a place that only the waiter could free is refused', async () => {
  const made: { child?: Promise<unknown> } = {}
  const kernel = await testBed({
    llm: {
      ...{ kind: 'llm', id: 'main', model: 'm', limits: { concurrency: 3 } },
      // The core waits for a process that asks under the same limits.
      chat: async (request) => {
        if (request.messages[0]!.content === 'child') return reply(1, 1)
        await made.child
        return reply(1, 1)
      },
    },
  })
  const { sys } = await start(kernel, { limits: { concurrency: 1 } })
  const child = await startChild(kernel, sys)
  made.child = sys.agent.wait({ pid: child.pid }).catch(() => undefined)
  const call = ask(sys, 'parent')
  const inner = ask(child.sys, 'child')
  await kernel.clock.settle()
  // Nothing tells the kernel what the core waits for: it is a wait, and shows as one.
  expect([call.state, inner.state]).toEqual(['pending', 'pending'])
  expect(row(kernel, child.pid).calls[0]!.waitsFor).toMatch(/waits for the limits of process 1, held by \d+$/)
  child.returns()
  await kernel.clock.settle()
  expect([call.state, inner.outcome]).toEqual(['fulfilled', 'AIOS_PROCESS_EXITED'])
})
