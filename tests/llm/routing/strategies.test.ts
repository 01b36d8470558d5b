import { createKernel, type LlmRouter } from '@aios/kernel'
import { cheapest, fastest, firstAvailable, leastBusy, sequential, smart } from '@aios/llm'
import { scriptedCore } from '@aios/llm/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../setup/runs.js'
import { ask, core, outcome, usd } from './core-view.js'

const STRATEGIES: readonly (readonly [string, (options?: never) => LlmRouter])[] = [
  ['sequential', sequential],
  ['firstAvailable', firstAvailable],
  ['leastBusy', leastBusy],
  ['cheapest', cheapest],
  ['fastest', fastest],
  ['smart', smart],
]

const picks = (router: LlmRouter, cores: Parameters<LlmRouter['pick']>[1], times: number): readonly unknown[] =>
  Array.from({ length: times }, () => router.pick(ask(), cores, 0))

describe.each(STRATEGIES)('%s', (_name, make) => {
  it('never takes a core that it was not given, nor one that the request does not allow', () => {
    const names = ['a', 'b', 'c', 'd']
    const someCores = fc.uniqueArray(
      fc.record({
        id: fc.constantFrom(...names),
        model: fc.constantFrom('x', 'y'),
        backend: fc.constantFrom('one', 'two', undefined),
        tools: fc.constantFrom(true, false, undefined),
        contextWindow: fc.constantFrom(5, 1_000, undefined),
        running: fc.nat(3),
        queued: fc.nat(3),
        tokenPrice: fc.constantFrom(1, 50, undefined),
      }),
      { selector: ({ id }) => id },
    )
    const choice = fc.record({ name: fc.constantFrom(...names, 'x', 'y'), backend: fc.constantFrom('one', undefined) })
    const router = make()
    fc.assert(
      fc.property(
        someCores,
        fc.option(fc.array(choice, { minLength: 1, maxLength: 3 }), { nil: undefined }),
        fc.boolean(),
        (given, llms, usesTools) => {
          const cores = given.map(({ tools, tokenPrice, ...rest }) =>
            core(rest.id, {
              ...rest,
              capabilities: { tools },
              price: tokenPrice === undefined ? undefined : usd(tokenPrice).price,
            }),
          )
          const tools = usesTools ? ['t'] : undefined
          const id = router.pick(ask('What is the weather like in Paris?', { llms, tools }), cores, 0)
          const able = cores.filter(
            (each) =>
              (llms === undefined ||
                llms.some(
                  ({ name, backend }) =>
                    (each.id === name || each.model === name) && (backend === undefined || each.backend === backend),
                )) &&
              !(usesTools && each.capabilities.tools === false) &&
              each.contextWindow !== 5,
          )
          if (able.length === 0) expect(id).toBeUndefined()
          else expect(able.map((each) => each.id)).toContain(id)
        },
      ),
      { numRuns: runs(60, 2_000) },
    )
  })

  it('rejects an option that it has not', () => {
    expect(() => make({ price: {} } as never)).toThrow(/"price"/)
    expect(() => make({ prices: { m: { inputUsdPerMTok: -1, outputUsdPerMTok: 0 } } } as never)).toThrow(/prices\.m/)
  })
})

describe('the filters', () => {
  const router = firstAvailable()
  const pick = (request: Parameters<LlmRouter['pick']>[0], ...cores: ReturnType<typeof core>[]): unknown =>
    router.pick(request, cores, 0)

  it('keep images, files and tools from cores that cannot use them', () => {
    const file = (mediaType: string) => ({ type: 'file' as const, mediaType, data: '' })
    const blind = core('blind', { capabilities: { images: false } })
    const eyes = core('eyes', { capabilities: { files: false, tools: false } })
    const show = (mediaType: string) => ({ messages: [{ role: 'user' as const, content: [file(mediaType)] }] })
    expect(pick(show('image/png'), blind, eyes)).toBe('eyes')
    expect(pick(show('application/pdf'), eyes, blind)).toBe('blind')
    expect(pick(ask('?', { tools: ['t'] }), eyes, blind)).toBe('blind')
    expect(pick(ask('?', { tools: ['t'], toolChoice: 'none' }), eyes, blind)).toBe('eyes')
  })

  it('leave out a core whose window does not hold the request and its answer', () => {
    const small = core('small', { contextWindow: 200 })
    expect(pick(ask('x'.repeat(400)), small, core('large'))).toBe('small')
    expect(pick(ask('x'.repeat(400), { maxOutputTokens: 150 }), small, core('large'))).toBe('large')
    expect(pick(ask('x'.repeat(1_000)), small)).toBeUndefined()
  })

  it('read model and llms, by id or model, with the provider where it is named', () => {
    const [a, b] = [core('a', { model: 'm', backend: 'openai' }), core('b', { model: 'm', backend: 'gguf' })]
    expect(pick(ask('?', { model: 'b' }), a, b)).toBe('b')
    expect(pick(ask('?', { llms: [{ name: 'm', backend: 'gguf' }] }), a, b)).toBe('b')
    expect(pick(ask('?', { llms: [{ name: 'm', backend: 'google' }] }), a, b)).toBeUndefined()
    expect(pick(ask('?', { model: 'a', llms: [{ name: 'b' }] }), a, b)).toBeUndefined()
  })

  it('keep to what an answer may cost, and take no core then that has no price', () => {
    const request = ask('x'.repeat(4_000), { maxOutputTokens: 1_000, require: { maxUsd: 0.002 } })
    expect(pick(request, core('unpriced'), core('dear', usd(2)), core('fit', usd(1)))).toBe('fit')
    expect(pick(request, core('unpriced'))).toBeUndefined()
  })

  it('keep to how long an answer may take, as far as cores were seen', () => {
    const [slow, unseen] = [core('slow'), core('unseen')]
    const limited = firstAvailable()
    limited.settled?.(outcome(slow, { durationMs: 5_000 }))
    const request = ask('?', { require: { maxLatencyMs: 1_000 } })
    expect(limited.pick(request, [slow, unseen], 0)).toBe('unseen')
    expect(limited.pick(request, [slow], 0)).toBeUndefined()
  })
})

describe('sequential()', () => {
  it('sends query i to core i mod n among those allowed', () => {
    const router = sequential()
    const cores = ['a', 'b', 'c'].map((id) => core(id))
    expect(picks(router, cores, 7)).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a'])
    expect(picks(router, cores.slice(0, 2), 2)).toEqual(['b', 'a'])
  })

  it('does not count a query that no core may serve', () => {
    const router = sequential()
    const cores = [core('a'), core('b')]
    router.pick(ask('?', { model: 'none' }), cores, 0)
    expect(picks(router, cores, 2)).toEqual(['a', 'b'])
  })
})

describe('firstAvailable()', () => {
  it('walks the list of the request, in its order', () => {
    const cores = [core('a'), core('b'), core('c')]
    const llms = [{ name: 'none' }, { name: 'c' }, { name: 'a' }]
    expect(firstAvailable().pick(ask('?', { llms }), cores, 0)).toBe('c')
    expect(picks(firstAvailable(), cores, 2)).toEqual(['a', 'a'])
  })
})

describe('leastBusy()', () => {
  it('counts running and waiting calls, for the calls that a core can have at once', () => {
    const a = core('a', { running: 2, queued: 2, concurrency: 8 })
    const b = core('b', { running: 1, queued: 0, concurrency: 1 })
    expect(leastBusy().pick(ask(), [b, a], 0)).toBe('a')
    const endless = { concurrency: Number.POSITIVE_INFINITY }
    expect(
      leastBusy().pick(ask(), [core('x', { ...endless, running: 3 }), core('y', { ...endless, running: 2 })], 0),
    ).toBe('y')
  })
})

describe('cheapest()', () => {
  it('goes by prices and the length that answers of a core had, unknown prices last', () => {
    const [chatty, brief] = [core('chatty', usd(1)), core('brief', usd(2))]
    const router = cheapest()
    expect(router.pick(ask(), [core('unpriced'), brief, chatty], 0)).toBe('chatty')
    router.settled?.(outcome(chatty, { usage: { input: { total: 1 }, output: { total: 900 } } }))
    expect(router.pick(ask(), [core('unpriced'), brief, chatty], 0)).toBe('brief')
    expect(router.pick(ask('?', { maxOutputTokens: 10 }), [brief, chatty], 0)).toBe('chatty')
    expect(router.pick(ask(), [core('unpriced')], 0)).toBe('unpriced')
  })

  it('reads the table of the user before what cores declare, and a built-in one after', () => {
    const [a, b] = [core('a', { model: 'gpt-5-nano-2025-08-07' }), core('b', usd(0.2))]
    expect(cheapest().pick(ask('x'.repeat(9_000)), [b, a], 0)).toBe('a')
    const prices = { a: { inputUsdPerMTok: 5, outputUsdPerMTok: 5 } }
    expect(cheapest({ prices }).pick(ask('x'.repeat(9_000)), [a, b], 0)).toBe('b')
  })
})

describe('fastest()', () => {
  it('tries each core once, then takes the one that is quickest with what waits before it', () => {
    const router = fastest()
    const [slow, quick] = [core('slow'), core('quick')]
    expect(router.pick(ask(), [slow, quick], 0)).toBe('slow')
    router.settled?.(outcome(slow, { durationMs: 3_000, firstPartMs: 100 }))
    expect(router.pick(ask(), [slow, quick], 0)).toBe('quick')
    router.settled?.(outcome(quick, { durationMs: 1_000, firstPartMs: 900 }))
    expect(router.pick(ask(), [slow, quick], 0)).toBe('quick')
    expect(router.pick(ask(), [slow, { ...quick, running: 1, queued: 4 }], 0)).toBe('slow')
  })

  it('avoids a core for a while after it failed, and looks again at one that it has not seen for long', () => {
    const router = fastest()
    const [a, b] = [core('a'), core('b')]
    for (const each of [a, b]) router.settled?.(outcome(each, { durationMs: each === a ? 10 : 1_000 }))
    router.settled?.(outcome(a, { errorCode: 'AIOS_LLM_SERVER', durationMs: 1 }))
    expect(router.pick(ask(), [a, b], 1)).toBe('b')
    expect(router.pick(ask(), [a, b], 30_000)).toBe('a')
    router.settled?.(outcome(a, { durationMs: 10, at: 700_000 }))
    expect(router.pick(ask(), [a, b], 700_001)).toBe('b')
    expect(router.pick(ask(), [a, { ...b, running: 1 }], 700_002)).toBe('a')
  })
})

describe('a strategy in a kernel', () => {
  it('routes, falls back, and hears how calls ended', async () => {
    const cores = ['a', 'b'].map((id) => scriptedCore(['ok'], { id, model: id, repeat: true }))
    const kernel = await createKernel({ llm: cores, router: sequential() })
    const models: string[] = []
    for (let call = 0; call < 4; call += 1) models.push((await kernel.sys().llm.chat(ask())).model)
    await expect(kernel.sys().llm.chat(ask('?', { llms: [{ name: 'a', backend: 'x' }] }))).rejects.toMatchObject({
      code: 'AIOS_NO_DEVICE',
    })
    await kernel.devices.remove('llm/a')
    models.push((await kernel.sys().llm.chat(ask())).model)
    await kernel.devices.add(scriptedCore(['ok'], { id: 'c', model: 'c' }))
    models.push((await kernel.sys().llm.chat(ask())).model)
    await kernel.close()
    expect(models).toEqual(['a', 'b', 'a', 'b', 'b', 'c'])
  })
})
