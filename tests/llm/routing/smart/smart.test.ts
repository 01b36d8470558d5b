import { createKernel, ramRecords, type LlmRouter } from '@aios/kernel'
import { fakeDriverServices } from '@aios/kernel/testing'
import { greedy, smart, threshold, withinBudget, type RoutingExample } from '@aios/llm'
import { scriptedCore } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { ask, core, outcome, usd } from '../core-view.js'

const weak = core('weak', { model: 'weak', ...usd(1) })
const strong = core('strong', { model: 'strong', ...usd(10) })
const CORES = [weak, strong]

const POEMS = ['rose', 'moon', 'river', 'winter', 'love', 'night', 'bird', 'sea', 'wind', 'star', 'rain', 'snow']
const PROOFS = ['prime', 'group', 'ring', 'field', 'limit', 'graph', 'matrix', 'set', 'measure', 'knot', 'cone', 'sum']

/** The weak model writes poems as well as the strong one, and proves nothing. */
const HISTORY: readonly RoutingExample[] = POEMS.flatMap((poem, at) => [
  {
    text: `Write a short poem about the ${poem}`,
    task: 'poem',
    outcomes: { weak: { quality: 0.9, outputTokens: 50 }, strong: { quality: 0.9, outputTokens: 60 } },
  },
  {
    text: `Prove the theorem on every ${PROOFS[at]!}`,
    task: 'proof',
    outcomes: { weak: { quality: 0.1, outputTokens: 900 }, strong: { quality: 0.9, outputTokens: 800 } },
  },
])

const pick = (router: LlmRouter, text: string, more = {}): unknown => router.pick(ask(text, more), CORES, 0)

describe('smart()', () => {
  it('takes the cheapest core that is good enough by what is like the request, else the best', () => {
    const router = smart({ history: HISTORY })
    expect(pick(router, 'Write a poem about the old river')).toBe('weak')
    expect(pick(router, 'Prove the theorem on every finite group')).toBe('strong')
    const strict = smart({ history: HISTORY, policy: threshold({ quality: 0.99 }) })
    expect(pick(strict, 'Prove the theorem on every finite group')).toBe('strong')
  })

  it('predicts quality, length, cost and time of each core', () => {
    const router = smart({ history: HISTORY })
    router.settled(outcome(strong, { durationMs: 1_000, firstPartMs: 200 }))
    const [first, second] = router.estimates(ask('Prove the theorem on every group'), CORES)
    expect(first!.quality).toBeLessThan(0.4)
    expect(second!.quality).toBeGreaterThan(0.8)
    expect(second!.outputTokens).toBeGreaterThan(500)
    expect(second!.usd).toBeCloseTo(((9 + second!.outputTokens) * 10) / 1e6, 9)
    expect([first!.latencyMs, second!.latencyMs]).toEqual([undefined, 200 + 8 * second!.outputTokens])
  })

  it('believes the declared task, also of a request that is like no other', () => {
    const router = smart({ history: HISTORY, policy: threshold({ quality: 0.5 }) })
    expect(pick(router, 'Quod erat faciendum', { task: 'proof' })).toBe('strong')
    expect(pick(router, 'Quod erat faciendum', { task: 'poem' })).toBe('weak')
  })

  it('leaves the choice to another router where nothing is near, or too little is known', () => {
    const otherwise: LlmRouter = { pick: () => 'strong' }
    const router = smart({ history: HISTORY, otherwise })
    expect(pick(router, 'zzz qqq')).toBe('strong')
    expect(pick(smart({ history: HISTORY.slice(0, 7), otherwise }), 'Write a short poem about the rose')).toBe('strong')
    expect(pick(smart({ history: HISTORY }), 'zzz qqq')).toBe('weak')
  })

  it('keeps to the quality that a request requires, as far as it is known', () => {
    const router = smart({ history: HISTORY, policy: greedy({ usdPerQuality: 0 }) })
    const proof = 'Prove the theorem on every group'
    expect(pick(router, proof)).toBe('weak')
    expect(pick(router, proof, { require: { minQuality: 0.5 } })).toBe('strong')
    expect(pick(router, proof, { require: { minQuality: 1 } })).toBeUndefined()
    expect(pick(router, 'zzz qqq', { require: { minQuality: 1 } })).toBe('weak')
  })

  it('goes by the vectors of the user where there are some', () => {
    const embed = (text: string): number[] => [text.includes('poem') ? 1 : 0, text.includes('theorem') ? 1 : 0, 0.01]
    const router = smart({ history: HISTORY, embed, neighbours: 12, policy: threshold({ quality: 0.6 }) })
    expect(pick(router, 'a theorem, surely')).toBe('strong')
    expect(pick(router, 'a poem, surely')).toBe('weak')
  })

  it('asks the core with the fewest examples as often as it is told to', () => {
    const router = smart({ history: HISTORY, explore: 0.25 })
    const cores = [...CORES, core('new', usd(100))]
    const picked = Array.from({ length: 8 }, () => router.pick(ask('Write a poem about the moon'), cores, 0))
    expect(picked).toEqual(['weak', 'weak', 'weak', 'new', 'weak', 'weak', 'weak', 'new'])
  })

  it.each([
    [{ quality: 1 }, /Expected no key|unknown|"quality"/],
    [{ examples: 1 }, /"examples"/],
    [{ history: [{ text: 'x', outcomes: { m: { quality: 2 } } }] }, /quality/],
    [{ policy: {} }, /threshold/],
    [{ explore: 2 }, /"explore"/],
  ])('rejects %j', (options, message) => {
    expect(() => smart(options as never)).toThrow(message)
  })
})

describe('feedback', () => {
  const judge = (router: ReturnType<typeof smart>, call: number, quality: number): boolean => {
    const request = ask('Write a short poem about the rose')
    router.settled(outcome(weak, { callId: call, request }))
    return router.feedback(call, quality)
  }

  it('changes what is expected, and follows a model that was changed', () => {
    const router = smart({ history: HISTORY })
    expect(pick(router, 'Write a short poem about the rose')).toBe('weak')
    for (let call = 0; call < 30; call += 1) judge(router, call, 0)
    expect(pick(router, 'Write a short poem about the rose')).toBe('strong')
    expect(pick(router, 'Write a short poem about the sea')).toBe('strong')
  })

  it('takes each answer once, and none that it does not know or that failed', () => {
    const router = smart()
    expect(judge(router, 1, 1)).toBe(true)
    expect(router.feedback(1, 1)).toBe(false)
    router.settled(outcome(weak, { callId: 2, errorCode: 'AIOS_LLM_SERVER' }))
    expect(router.feedback(2, 1)).toBe(false)
    expect(() => router.feedback(1, 1.5)).toThrow(/from 0 to 1/)
  })

  it('is taken as soon as the answer is there, streamed or not', async () => {
    const router = smart()
    const kernel = await createKernel({ llm: scriptedCore(['Hi.'], { repeat: true }), router })
    const { llm } = kernel.sys()
    const messages = [{ role: 'user' as const, content: 'Hello?' }]
    expect(router.feedback((await llm.chat({ messages })).meta.syscallId, 1)).toBe(true)
    expect(router.feedback((await llm.stream({ messages }).result).meta.syscallId, 1)).toBe(true)
    await kernel.close()
  })

  it('drops the oldest examples, and what was learnt of them', () => {
    const router = smart({ examples: 16, neighbours: 16 })
    const learn = (quality: number): void => {
      for (let at = 0; at < 16; at += 1)
        router.learn({ text: `poem ${POEMS[at % 12]!} ${at}`, outcomes: { weak: { quality } } })
    }
    learn(1)
    learn(0)
    learn(0)
    const [estimate] = router.estimates(ask('poem rose'), [weak])
    expect(estimate!.quality).toBeLessThan(0.4)
  })
})

describe('what smart() learns', () => {
  it('outlives the kernel, in its records and without the text', async () => {
    const records = ramRecords()
    await records.open()
    const first = smart()
    await first.open({ ...fakeDriverServices(), records })
    for (const example of HISTORY) first.learn(example)
    await first.close()
    const kept: string[] = []
    for await (const { value } of records.range('llm/routing')) kept.push(new TextDecoder().decode(value))
    expect(kept).toHaveLength(HISTORY.length)
    expect(kept.join()).not.toMatch(/river|theorem/)
    const second = smart()
    await second.open({ ...fakeDriverServices(), records })
    expect(pick(second, 'Prove the theorem on every group')).toBe('strong')
    expect(pick(second, 'Write a poem about the river')).toBe('weak')
    await second.close()
    await records.close()
  })

  it('keeps as many examples as are remembered, also with two kernels on one store', async () => {
    const records = ramRecords()
    await records.open()
    const routers = [smart({ examples: 16 }), smart({ examples: 16 })]
    for (const router of routers) await router.open({ ...fakeDriverServices(), records })
    for (const example of HISTORY.slice(0, 10)) {
      for (const router of routers) {
        router.learn(example)
        await router.close()
      }
    }
    expect((await records.size('llm/routing')).records).toBe(20)
    for (const example of HISTORY) routers[0]!.learn(example)
    await routers[0]!.close()
    expect((await records.size('llm/routing')).records).toBe(26)
    await records.close()
  })

  it('is not kept where that is not wanted, and one router serves one kernel', async () => {
    const records = ramRecords()
    await records.open()
    const router = smart({ keep: false })
    await router.open({ ...fakeDriverServices(), records })
    for (const example of HISTORY) router.learn(example)
    await router.close()
    expect((await records.size('llm/routing')).records).toBe(0)
    await expect(router.open({ ...fakeDriverServices(), records })).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
    })
    await records.close()
  })

  it('comes from answers of a kernel', async () => {
    const cores = CORES.map(({ id, price }) => scriptedCore(['ok'], { id, model: id, price, repeat: true }))
    const router = smart({ history: HISTORY })
    const kernel = await createKernel({ llm: cores, router })
    const sys = kernel.sys()
    for (let call = 0; call < 30; call += 1) {
      const { meta, model } = await sys.llm.chat(ask('Write a short poem about the moon'))
      router.feedback(meta.syscallId, model === 'weak' ? 0 : 1)
    }
    const { model } = await sys.llm.chat(ask('Write a short poem about the moon'))
    await kernel.close()
    expect(model).toBe('strong')
  })
})

describe('policies', () => {
  const judged = (id: string, quality: number, cost: number | undefined) => ({
    ...{ core: core(id), quality, usd: cost, outputTokens: 1, latencyMs: undefined },
  })

  it('threshold() takes no core of unknown price where another is good enough', () => {
    const policy = threshold({ quality: 0.5 }).create()
    expect(policy.choose([judged('a', 0.9, undefined), judged('b', 0.6, 3)]).core.id).toBe('b')
  })

  it('greedy() pays for quality what it is worth', () => {
    const estimates = [judged('a', 0.5, 1), judged('b', 0.7, 2), judged('c', 1, undefined)]
    expect(greedy({ usdPerQuality: 4 }).create().choose(estimates).core.id).toBe('a')
    expect(greedy({ usdPerQuality: 6 }).create().choose(estimates).core.id).toBe('b')
    const slow = estimates.map((each, at) => ({ ...each, latencyMs: at * 1_000 }))
    expect(greedy({ usdPerQuality: 6, usdPerSecond: 1 }).create().choose(slow).core.id).toBe('a')
  })

  it('withinBudget() spends what it may, where it brings most', () => {
    const policy = withinBudget({ usdPerCall: 0.4, window: 100 }).create()
    let [spent, gained] = [0, 0]
    const calls = 4_000
    for (let call = 0; call < calls; call += 1) {
      // Every gain from 0 to 0.99, in a mixed order.
      const gain = ((call * 37) % 100) / 100
      const chosen = policy.choose([judged('a', 0, 0), judged('b', gain, 1)])
      spent += chosen.usd!
      gained += chosen.quality
      policy.spent?.(chosen.usd!)
    }
    expect(spent / calls).toBeCloseTo(0.4, 1)
    expect(gained / calls).toBeGreaterThan(0.3)
  })
})
