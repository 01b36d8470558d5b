import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Posting } from '../../../packages/memory/src/retrieval/posting.js'

describe('Posting', () => {
  it('lists after any history the documents that were added and not removed, by key', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(12), fc.integer({ min: 1, max: 9 })), { maxLength: 60 }), (touched) => {
        const [posting, model] = [new Posting(), new Map<number, number>()]
        for (const [key, occurrences] of touched) {
          if (model.delete(key)) posting.delete(key)
          else {
            posting.add(key, occurrences)
            model.set(key, occurrences)
          }
        }
        const listed: [number, number][] = []
        posting.each((key, occurrences) => listed.push([key, occurrences]))
        expect(listed).toEqual([...model].sort(([a], [b]) => a - b))
        expect(posting.size).toBe(model.size)
      }),
      { numRuns: 300 },
    )
  })
})
