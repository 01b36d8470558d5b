import { AiosError, type ErrorCode, type KernelEvents, type LlmCoreView, type LlmDriver } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { heldCore, reply, watch, type Watched } from '../fake-drivers.js'
import { row, start, testBed } from '../test-bed.js'

const failure = (code: ErrorCode): AiosError => new AiosError(code, 'It failed.')
const DOWN = failure('AIOS_LLM_SERVER')

/** Is a core that fails with what `error` says, else answers, and notes when it was asked. */
async function bed(limits: NonNullable<LlmDriver['limits']> = {}, seen: LlmCoreView[] = []) {
  const state: { error: unknown } = { error: DOWN }
  const sent: number[] = []
  const llm: LlmDriver = {
    ...{ kind: 'llm', id: 'main', model: 'm' },
    limits: { concurrency: 1, maxAttempts: 1, ...limits },
    chat: () => {
      sent.push(kernel.clock.now() - began)

      if (state.error !== undefined) throw state.error
      return reply(1, 1)
    },
  }
  const router = {
    pick: (_: unknown, cores: readonly LlmCoreView[]) => (seen.push(...cores), 'main'),
  }
  const kernel = await testBed({ llm, router })
  const began = kernel.clock.now()
  const facts: unknown[] = []
  const note = (fact: KernelEvents['core:tripped'] | KernelEvents['core:recovered']): void => {
    facts.push({ ...fact, at: fact.at - began })
  }
  kernel.on('core:tripped', note)
  kernel.on('core:recovered', note)
  const agent = await start(kernel)
  const ask = (deadlineMs?: number): Watched =>
    watch(
      agent.sys.llm.chat(
        { messages: [{ role: 'user', content: 'a' }] },
        deadlineMs === undefined ? undefined : { deadlineMs },
      ),
    )
  const trip = async (): Promise<void> => {
    for (let n = 0; n < 5; n += 1) ask()
    await kernel.clock.settle()
    sent.splice(0)
  }
  return { kernel, state, sent, facts, ask, trip, agent }
}

describe('a core that is down', () => {
  it('gets one probe at a time, ever more rarely, while calls wait, and all of them once it answers', async () => {
    const { kernel, state, sent, facts, ask, trip } = await bed({ concurrency: 4 })
    await trip()
    expect(facts).toEqual([{ lane: 'llm/main', failures: 5, errorCode: 'AIOS_LLM_SERVER', at: 0 }])
    const calls = Array.from({ length: 6 }, () => ask())
    await kernel.clock.advance(8_000)
    expect(sent).toEqual([1_000, 3_000, 7_000])
    expect(calls.map(({ outcome }) => outcome)).toEqual([
      ...['AIOS_LLM_SERVER', 'AIOS_LLM_SERVER', 'AIOS_LLM_SERVER'],
      ...['pending', 'pending', 'pending'],
    ])
    state.error = undefined
    await kernel.clock.advance(7_000)
    expect(sent.slice(3)).toEqual([15_000, 15_000, 15_000])
    expect(calls.slice(3).map(({ outcome }) => outcome)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(facts[1]).toEqual({ lane: 'llm/main', downMs: 15_000, at: 15_000 })
    expect(kernel.clock.pending).toBe(0)
  })

  it('costs calls nothing but time in a short outage, under their retry policy', async () => {
    const { kernel, state, ask } = await bed({ maxAttempts: 4 })
    const calls = Array.from({ length: 8 }, () => ask())
    await kernel.clock.advance(500)
    state.error = undefined
    await kernel.clock.advance(60_000)
    expect(new Set(calls.map(({ outcome }) => outcome))).toEqual(new Set(['fulfilled']))
  })

  it('rejects who waits and who comes after a minute, but for the probe, and says when to come again', async () => {
    const { kernel, state, sent, ask, trip } = await bed({ breaker: { giveUpMs: 5_000 } })
    await trip()
    const calls = Array.from({ length: 5 }, () => ask())
    await kernel.clock.advance(4_999)
    expect(calls.filter(({ state: each }) => each === 'pending')).toHaveLength(3)
    await kernel.clock.advance(1)
    expect(sent).toEqual([1_000, 3_000])
    expect(calls[4]!.error).toMatchObject({
      code: 'AIOS_LLM_SERVER',
      retryable: true,
      retryAfterMs: 2_000,
      cause: DOWN,
    })
    expect(kernel.stats()).toMatchObject({ outstanding: 0, lanes: [{ queued: 0 }] })
    expect(kernel.clock.pending).toBe(0)
    const late = ask()
    await kernel.clock.settle()
    expect(late.error).toMatchObject({ code: 'AIOS_LLM_SERVER', retryAfterMs: 2_000 })
    await kernel.clock.advance(2_000)
    state.error = undefined
    const probe = ask()
    await kernel.clock.settle()
    expect(probe.outcome).toBe('fulfilled')
    expect(ask().outcome).toBe('pending')
  })

  it('rejects who waits also while a probe hangs on its only slot', async () => {
    const main = {
      ...heldCore(),
      limits: { concurrency: 1, maxAttempts: 1, breaker: { failures: 1, giveUpMs: 5_000 } },
    }
    const kernel = await testBed({ llm: main })
    const ask = (content: string) => watch(kernel.sys().llm.chat({ messages: [{ role: 'user', content }] }))
    ask('first')
    await kernel.clock.settle()
    main.held.fail('first', DOWN)
    await kernel.clock.settle()
    const [probe, waiting] = [ask('probe'), ask('waiting')]
    await kernel.clock.advance(5_000)
    expect([probe.outcome, waiting.outcome]).toEqual(['pending', 'AIOS_LLM_SERVER'])
    expect(main.held.running).toEqual(['probe'])
    main.held.succeed('probe', reply(1, 1))
    await kernel.clock.settle()
    expect(probe.outcome).toBe('fulfilled')
  })

  it.each(['AIOS_LLM_NETWORK', 'AIOS_LLM_OVERLOADED', 'AIOS_LLM_TIMEOUT'] as const)('shows by %s', async (code) => {
    const { state, facts, trip } = await bed()
    state.error = failure(code)
    await trip()
    expect(facts).toMatchObject([{ errorCode: code }])
  })

  it.each([
    failure('AIOS_LLM_RATE_LIMIT'),
    failure('AIOS_LLM_AUTH'),
    failure('AIOS_LLM_CONTENT_FILTER'),
    new Error('A bug of the driver.'),
  ])('does not show by %s', async (error) => {
    const { kernel, state, sent, facts, ask } = await bed()
    state.error = error
    for (let n = 0; n < 20; n += 1) ask()
    await kernel.clock.settle()
    expect([facts, sent.length]).toEqual([[], 20])
  })

  it('is not found down by failures between which it answered', async () => {
    const { kernel, state, facts, ask } = await bed()
    for (let n = 0; n < 12; n += 1) {
      state.error = n % 5 === 4 ? failure('AIOS_LLM_RATE_LIMIT') : DOWN
      ask()
      await kernel.clock.settle()
    }
    expect(facts).toEqual([])
  })

  it('is asked by the next when a probe is given up', async () => {
    const main = { ...heldCore({ polite: true }), limits: { maxAttempts: 1, breaker: { failures: 1 } } }
    const kernel = await testBed({ llm: main })
    const ask = (content: string, deadlineMs = 1e6) =>
      watch(kernel.sys().llm.chat({ messages: [{ role: 'user', content }] }, { deadlineMs }))
    ask('first')
    await kernel.clock.settle()
    main.held.fail('first', DOWN)
    await kernel.clock.settle()
    ask('probe', 1_500)
    const next = ask('next')
    await kernel.clock.advance(1_499)
    expect(main.held.running).toEqual(['probe'])
    await kernel.clock.advance(1)
    expect(main.held.running).toEqual(['next'])
    main.held.succeed('next', reply(1, 1))
    await kernel.clock.settle()
    expect(next.outcome).toBe('fulfilled')
  })

  it('shows to routers and in ps(), and has no timer while nobody waits', async () => {
    const seen: LlmCoreView[] = []
    const { kernel, ask, trip, agent } = await bed({}, seen)
    await trip()
    expect([seen[0]!.tripped, kernel.clock.pending]).toEqual([true, 0])
    const call = ask(100)
    await kernel.clock.settle()
    expect(row(kernel, agent.process.pid).calls[0]!.waitsFor).toMatch(/^\d+ waits for the recovery of llm\/main/)
    expect(kernel.clock.pending).toBe(1)
    await kernel.clock.advance(100)
    expect([call.outcome, kernel.clock.pending]).toEqual(['AIOS_DEADLINE_EXCEEDED', 0])
  })

  it('gets whatever comes if its driver wants that', async () => {
    const { sent, facts, kernel, ask } = await bed({ breaker: false })
    for (let n = 0; n < 9; n += 1) ask()
    await kernel.clock.settle()
    expect([sent.length, facts]).toEqual([9, []])
  })

  it.each([true, { failure: 1 }, { failures: 0 }, { openMs: 0 }, { giveUpMs: -1 }, { giveUpMs: Number.NaN }])(
    'has no breaker %j',
    async (breaker) => {
      await expect(bed({ breaker: breaker as false })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    },
  )
})
