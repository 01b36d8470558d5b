import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PagedMap } from '../../../packages/memory/src/retrieval/paged-map.js'

/** Keys of neighbouring pages, of far ones, and the greatest that a note can have. */
const key = fc.constantFrom(1, 2, 1_023, 1_024, 1_025, 5_000, 2 ** 40, 2 ** 48 - 1)
const change = fc.oneof(
  fc.record({ type: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ type: fc.constant('delete' as const), key }),
)

describe('PagedMap', () => {
  it('holds after any history what a Map holds', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const [map, model] = [new PagedMap<number>(), new Map<number, number>()]
        for (const each of changes) {
          if (each.type === 'set') {
            map.set(each.key, each.value)
            model.set(each.key, each.value)
          } else {
            map.delete(each.key)
            model.delete(each.key)
          }
          expect(map.size).toBe(model.size)
        }
        expect([...map.keys()].sort((a, b) => a - b)).toEqual([...model.keys()].sort((a, b) => a - b))
        for (const at of [1, 2, 1_023, 1_024, 1_025, 5_000, 2 ** 40, 2 ** 48 - 1])
          expect(map.get(at)).toBe(model.get(at))
      }),
      { numRuns: 300 },
    )
  })
})
