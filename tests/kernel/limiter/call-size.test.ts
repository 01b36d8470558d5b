import { fifo, type CoreRequest, type KernelOptions, type PolicyDefinition } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, reply, watch } from '../fake-drivers.js'
import { row, start, testBed } from '../test-bed.js'

const ask = (content: string) => ({ messages: [{ role: 'user' as const, content }], maxOutputTokens: 10 })

/** A core of many slots with limits, which says by `estimate` how long its input is at most. */
async function bed(
  limits: NonNullable<ReturnType<typeof heldCore>['limits']> & object,
  estimate: (request: CoreRequest) => number,
  options: KernelOptions = {},
) {
  const main = { ...heldCore({ estimate }), limits: { concurrency: 100, ...limits } }
  return { held: main.held, kernel: await testBed({ ...options, llm: main }) }
}

describe('the size of a call', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('No idea.')
      },
    ],
    ['lies', () => Number.NaN],
  ])('that its core cannot tell, because its estimate %s, rejects the call and nothing else', async (_, estimate) => {
    let asked = 0
    const { kernel, held } = await bed({ tpm: 1_000 }, (request) => {
      if (request.messages[0]!.content !== 'bad') return 5
      asked += 1
      return estimate()
    })
    const sys = kernel.sys()
    const calls = ['good', 'bad', 'better'].map((text) => watch(sys.llm.chat(ask(text))))
    await kernel.clock.settle()
    expect(calls.map(({ outcome }) => outcome)).toEqual(['pending', 'AIOS_DRIVER_FAILED', 'pending'])
    expect(held.started).toEqual(['good', 'better'])
    expect(asked).toBe(1)
    for (const text of held.running) held.succeed(text, reply(1, 1))
    await kernel.clock.settle()
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ running: 0, queued: 0 }] })
  })

  it('is asked for once, however often the call is looked at while it waits', async () => {
    let asked = 0
    const { kernel, held } = await bed({ tpm: 60, burst: 1 }, () => {
      asked += 1
      return 20
    })
    const sys = kernel.sys({ budget: { tokens: 1e6 } })
    const texts = Array.from({ length: 9 }, (_, index) => String(index))
    const calls = texts.map((text) => watch(sys.llm.chat(ask(text))))
    for (let minute = 0; minute < 9; minute += 1) {
      await kernel.clock.advance(61_000)
      for (const text of held.running) held.succeed(text, reply(20, 10))
    }
    await kernel.clock.settle()
    expect(calls.every(({ state }) => state === 'fulfilled')).toBe(true)
    expect(asked).toBe(9)
  })

  it('is not asked for where no limit counts tokens or money', async () => {
    let asked = 0
    const { kernel, held } = await bed({ rpm: 60 }, () => (asked += 1))
    void watch(kernel.sys().llm.chat(ask('a')))
    await kernel.clock.settle()
    held.succeed('a', reply(1, 1))
    await kernel.clock.settle()
    expect(asked).toBe(0)
  })

  it('is the same to a policy before and after a budget asked for its bound', async () => {
    const seen: number[] = []
    const noting: PolicyDefinition = {
      name: 'noting',
      create: (lane) => {
        const policy = fifo().create(lane)
        policy.started = (task) => void seen.push(task.inputTokens)
        policy.settled = (task) => void seen.push(task.inputTokens)
        return policy
      },
    }
    const { kernel, held } = await bed({}, () => 1_000, { policies: { llm: noting } })
    void watch(kernel.sys({ budget: { tokens: 1e6 } }).llm.chat(ask('x'.repeat(396))))
    await kernel.clock.settle()
    held.succeed(held.running[0]!, reply(100, 10))
    await kernel.clock.settle()
    expect(seen).toEqual([100, 100])
  })
})

describe('a call that is withheld by the limits of its core', () => {
  it('says so while slots are free', async () => {
    const { kernel, held } = await bed({ rpm: 1 }, () => 1)
    const agent = await start(kernel)
    for (const text of ['a', 'b']) void watch(agent.sys.llm.chat(ask(text)))
    await kernel.clock.settle()
    expect(row(kernel, agent.process.pid).calls.map(({ waitsFor }) => waitsFor)).toEqual([
      undefined,
      expect.stringMatching(/^\d+ waits for the limits of llm\/main/),
    ])
    held.succeed('a', reply(1, 1))
  })

  it('leaves no timer when it starts before its time', async () => {
    const { kernel, held } = await bed({ tpm: 100, burst: 1 }, () => 80)
    const sys = kernel.sys()
    for (const text of ['a', 'b']) void watch(sys.llm.chat(ask(text.padEnd(320))))
    await kernel.clock.settle()
    expect(held.running).toHaveLength(1)
    expect(kernel.clock.pending).toBe(1)
    held.succeed('a'.padEnd(320), reply(1, 1))
    await kernel.clock.settle()
    expect(held.running).toHaveLength(1)
    expect(kernel.clock.pending).toBe(0)
    held.succeed('b'.padEnd(320), reply(1, 1))
    await kernel.clock.settle()
  })

  it('takes no request from the limits if it never got on the core', async () => {
    const { kernel, held } = await bed({ rpm: 2, burst: 1 }, () => 10)
    const poor = kernel.sys({ budget: { tokens: 15 } })
    for (const text of ['a', 'b']) void watch(poor.llm.chat(ask(text)))
    const rich = kernel.sys({})
    await kernel.clock.settle()
    void watch(rich.llm.chat(ask('c')))
    await kernel.clock.settle()
    expect(held.running).toEqual(['a', 'c'])
    for (const text of ['a', 'c']) held.succeed(text, reply(15, 1))
    await kernel.clock.advance(1)
  })
})
