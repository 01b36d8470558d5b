import { assignBatch, smart, type CoreEstimate } from '@aios/llm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../setup/runs.js'
import { ask, core } from '../core-view.js'

const estimate = (quality: number | undefined, usd: number | undefined): CoreEstimate => ({
  ...{ core: core('c'), quality, usd, outputTokens: 1, latencyMs: undefined },
})

/** Every way to serve a batch. */
function* ways(batch: readonly (readonly CoreEstimate[])[]): Generator<readonly CoreEstimate[]> {
  const [first, ...rest] = batch
  if (first === undefined) yield []
  else for (const head of first) for (const tail of ways(rest)) yield [head, ...tail]
}

const sum = (chosen: readonly CoreEstimate[], key: 'usd' | 'quality'): number =>
  chosen.reduce((total, each) => total + each[key]!, 0)

const batches = fc.array(
  fc.array(fc.record({ quality: fc.integer({ min: 0, max: 20 }), usd: fc.integer({ min: 0, max: 20 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
  { minLength: 1, maxLength: 5 },
)

describe('assignBatch()', () => {
  it('finds the best quality for the money', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 0, max: 60 }), (given, maxUsd) => {
        const batch = given.map((each) => each.map(({ quality, usd }) => estimate(quality / 20, usd)))
        const found = assignBatch(batch, { maxUsd })
        const allowed = [...ways(batch)].filter((way) => sum(way, 'usd') <= maxUsd)
        expect(found.feasible).toBe(allowed.length > 0)
        expect(found.optimal).toBe(true)
        expect(found.usd).toBe(sum(found.chosen, 'usd'))
        if (allowed.length === 0) return
        expect(found.usd).toBeLessThanOrEqual(maxUsd)
        expect(sum(found.chosen, 'quality')).toBeCloseTo(Math.max(...allowed.map((way) => sum(way, 'quality'))), 6)
      }),
      { numRuns: runs(150, 5_000) },
    )
  })

  it('finds the least money for a quality', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 0, max: 20 }), (given, wanted) => {
        const batch = given.map((each) => each.map(({ quality, usd }) => estimate(quality / 20, usd)))
        const found = assignBatch(batch, { minQuality: wanted / 20 })
        const needed = (wanted / 20) * batch.length
        const allowed = [...ways(batch)].filter((way) => sum(way, 'quality') >= needed - 1e-9)
        expect(found.feasible).toBe(allowed.length > 0)
        if (allowed.length > 0) expect(found.usd).toBe(Math.min(...allowed.map((way) => sum(way, 'usd'))))
        else
          expect(found.quality).toBeCloseTo(
            Math.max(...[...ways(batch)].map((way) => sum(way, 'quality') / batch.length)),
            9,
          )
      }),
      { numRuns: runs(150, 5_000) },
    )
  })

  it('serves a batch of a thousand soon, and says whether it is sure', () => {
    const batch = Array.from({ length: 1_000 }, (_, at) => [
      estimate(0.5, 1),
      estimate(0.5 + ((at * 17) % 50) / 100, 2 + ((at * 31) % 7)),
    ])
    const { usd, quality, feasible } = assignBatch(batch, { maxUsd: 2_000 })
    expect(feasible).toBe(true)
    expect(usd).toBeLessThanOrEqual(2_000)
    expect(quality).toBeGreaterThan(0.6)
  })

  it('considers no core of unknown quality or price, and says which request has no other', () => {
    const batch = [[estimate(1, undefined), estimate(undefined, 0), estimate(0.5, 3)]]
    expect(assignBatch(batch, { maxUsd: 5 }).chosen).toEqual([batch[0]![2]])
    expect(() => assignBatch([...batch, [estimate(1, undefined)]], { maxUsd: 5 })).toThrow(/request 1 of the batch/)
    expect(() => assignBatch([], { maxUsd: -1 })).toThrow(/maxUsd/)
    expect(assignBatch([], { maxUsd: 1 })).toMatchObject({ chosen: [], feasible: true })
  })

  it('is what plan() of a router does, for the cores that each request allows', () => {
    const history = Array.from({ length: 10 }, (_, at) => ({
      text: `sum of ${at} and two`,
      outcomes: { weak: { quality: 0.2, outputTokens: 10 }, strong: { quality: 0.9, outputTokens: 10 } },
    }))
    const price = (each: number) => ({ inputUsdPerMTok: each, outputUsdPerMTok: each })
    const cores = [
      core('weak', { model: 'weak', price: price(1) }),
      core('strong', { model: 'strong', price: price(100) }),
    ]
    const router = smart({ history })
    const requests = [ask('sum of 3 and two'), ask('sum of 4 and two', { model: 'weak' }), ask('sum of 5 and two')]
    const { chosen } = router.plan(requests, cores, { maxUsd: 1 })
    expect(chosen.map(({ core: { id } }) => id)).toEqual(['strong', 'weak', 'strong'])
    const cheap = router.plan(requests, cores, { minQuality: 0.4 })
    expect(cheap.chosen.filter(({ core: { id } }) => id === 'strong')).toHaveLength(1)
  })
})
