import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ranking } from '../../../packages/memory/src/retrieval/ranking.js'

describe('Ranking', () => {
  it('holds nothing before the first offer', () => {
    expect(new Ranking<number>(3, (a, b) => a - b).best).toEqual([])
  })

  it('keeps what a full sort would put first, in that order, equals in the order they came', () => {
    const candidate = fc.record({ rank: fc.integer({ min: 0, max: 9 }), name: fc.nat() })
    fc.assert(
      fc.property(fc.array(candidate), fc.integer({ min: 1, max: 12 }), (candidates, limit) => {
        const ranking = new Ranking<(typeof candidates)[number]>(limit, (first, second) => first.rank - second.rank)
        for (const each of candidates) ranking.offer(each)
        const sorted = [...candidates].sort((first, second) => first.rank - second.rank)
        expect(ranking.best).toEqual(sorted.slice(0, limit))
      }),
    )
  })
})
