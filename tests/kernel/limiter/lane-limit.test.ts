import { AiosError, type KernelEvents, type LlmDriver } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, reply, watch } from '../fake-drivers.js'
import { testBed } from '../test-bed.js'
import { rollingProvider } from './provider.js'

type Limits = NonNullable<LlmDriver['limits']>

/** Is a core with limits, whose estimate of input is what the text says. */
const core = (limits: Limits) => ({ ...heldCore({ maxOutputTokens: 100 }), limits })
const ask = (content: string) => ({ messages: [{ role: 'user' as const, content }] })

describe('a core with limits', () => {
  it('starts what fits, and the rest as soon as it does', async () => {
    const main = core({ concurrency: 100, rpm: 60, burst: 1 / 60 })
    const kernel = await testBed({ llm: main })
    const sys = kernel.sys()
    for (const name of ['a', 'b', 'c']) void watch(sys.llm.chat(ask(name)))
    await kernel.clock.settle()
    expect(main.held.started).toEqual(['a'])
    expect(kernel.stats().lanes[0]!.queued).toBe(2)
    await kernel.clock.advance(999)
    expect(main.held.started).toEqual(['a'])
    await kernel.clock.advance(1_001)
    expect(main.held.started).toEqual(['a', 'b', 'c'])
    for (const name of ['a', 'b', 'c']) main.held.succeed(name, reply(1, 1))
    await kernel.clock.settle()
  })

  it('lets a small call pass one that does not fit', async () => {
    const main = core({ concurrency: 100, tpm: 6_000, burst: 1 / 6 })
    const kernel = await testBed({ llm: main })
    const sys = kernel.sys()
    const asks = ['first'.padEnd(500), 'large'.padEnd(3_000), 'small']
    for (const text of asks) void watch(sys.llm.chat(ask(text)))
    await kernel.clock.settle()
    expect(main.held.started.map((text) => text.trim())).toEqual(['first', 'small'])
    await kernel.clock.advance(20_000)
    expect(main.held.started.map((text) => text.trim())).toEqual(['first', 'small', 'large'])
    for (const text of asks) main.held.succeed(text, reply(1, 1))
    await kernel.clock.settle()
  })

  it('refuses at once what it can never send', async () => {
    const kernel = await testBed({ llm: core({ tpm: 1_000 }) })
    const call = watch(kernel.sys().llm.chat(ask('x'.repeat(8_000))))
    await kernel.clock.settle()
    expect(AiosError.is(call.error, 'AIOS_LIMIT_IMPOSSIBLE')).toBe(true)
    expect(String(call.error)).toMatch(
      /This call needs [\d,]+ tokens, more than the 1,000 a minute that lane llm\/main/,
    )
  })

  it('gives back what a call did not use', async () => {
    const main = core({ concurrency: 100, tpm: 1_000, burst: 1 })
    const kernel = await testBed({ llm: main })
    const sys = kernel.sys()
    const [one, two] = ['1'.padEnd(500), '2'.padEnd(500)] as const
    void watch(sys.llm.chat(ask(one)))
    void watch(sys.llm.chat(ask(two)))
    await kernel.clock.settle()
    expect(main.held.started).toEqual([one])
    main.held.succeed(one, reply(10, 1))
    await kernel.clock.settle()
    expect(main.held.started).toEqual([one, two])
    main.held.succeed(two, reply(10, 1))
    await kernel.clock.settle()
  })

  it('lets go of a call that is given up while it waits, and of its timer', async () => {
    const main = core({ concurrency: 100, rpm: 1 })
    const kernel = await testBed({ llm: main })
    const sys = kernel.sys()
    void watch(sys.llm.chat(ask('a')))
    const given = new AbortController()
    const call = watch(sys.llm.chat(ask('b'), { signal: given.signal }))
    await kernel.clock.settle()
    given.abort('enough')
    await kernel.clock.settle()
    expect(call.error).toBe('enough')
    expect(kernel.stats().lanes[0]!.queued).toBe(0)
    await kernel.clock.advance(120_000)
    expect(main.held.started).toEqual(['a'])
    main.held.succeed('a', reply(1, 1))
    await kernel.clock.settle()
  })

  it('is silent while its provider wants to hear nothing, also without limits, and says so', async () => {
    const limited: KernelEvents['core:limited'][] = []
    let calls = 0
    const kernel = await testBed({
      llm: {
        kind: 'llm',
        id: 'main',
        model: 'm',
        chat: (_request, call) => {
          calls += 1
          if (calls === 1) call.observe({ kind: 'overload', retryAfterMs: 5_000 })
          return reply(1, 1)
        },
      },
    })
    kernel.on('core:limited', (fact) => void limited.push(fact))
    const sys = kernel.sys()
    await sys.llm.chat(ask('a'))
    const second = watch(sys.llm.chat(ask('b')))
    await kernel.clock.advance(4_999)
    expect(calls).toBe(1)
    await kernel.clock.advance(1)
    expect(calls).toBe(2)
    expect(second.outcome).toBe('fulfilled')
    expect(limited).toEqual([
      { lane: 'llm/main', refused: true, retryAfterMs: 5_000, at: expect.any(Number) as number },
    ])
  })
})

it('finishes 200 programs of 20 calls at a provider of 600,000 tokens a minute, without a refusal', async () => {
  const provider = rollingProvider({ rpm: 600, tpm: 600_000 })
  let [refused, sent] = [0, 0]
  const perMinute: number[] = []
  const llm: LlmDriver = {
    kind: 'llm',
    id: 'main',
    model: 'm',
    maxOutputTokens: 400,
    limits: { concurrency: Number.POSITIVE_INFINITY, rpm: 600, tpm: 600_000 },
    chat: async (request) => {
      const input = (request.messages[0]!.content as string).length / 4
      const output = 100 + (sent % 7) * 30
      sent += 1
      const at = kernel.clock.now() - start
      if (!provider({ at, tokens: input + output })) refused += 1
      const minute = Math.floor(at / 60_000)
      perMinute[minute] = (perMinute[minute] ?? 0) + input + output
      await new Promise<void>((resolve) => {
        kernel.clock.after(1_000 + 10 * output, resolve)
      })
      return reply(input, output)
    },
  }
  const kernel = await testBed({ llm })
  const start = kernel.clock.now()
  let finished = 0
  const programs = Array.from({ length: 200 }, async (_, program) => {
    const sys = kernel.sys()
    for (let step = 0; step < 20; step += 1)
      await sys.llm.chat(ask('x'.repeat(4 * (500 + ((program * 31 + step * 17) % 800)))))
    finished += 1
  })
  await kernel.clock.advance(20 * 60_000)
  await Promise.all(programs)
  expect({ finished, refused }).toEqual({ finished: 200, refused: 0 })
  // The first minute fills up what was learned of sizes; in the last one the work runs out.
  const full = perMinute.slice(1, -2)
  expect(full.length).toBeGreaterThan(3)
  expect(Math.min(...full)).toBeGreaterThan(0.98 * 600_000)
}, 60_000)
