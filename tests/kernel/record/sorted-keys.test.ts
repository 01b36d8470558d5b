import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SortedKeys } from '../../../packages/kernel/src/record/sorted-keys.js'
import { runs } from '../../setup/runs.js'

describe('sorted keys', () => {
  it('seek as a sorted array does, whatever comes and goes', () => {
    const key = fc.string({ unit: fc.constantFrom('\0', 'a', 'b', 'ÿ'), maxLength: 4 })
    const steps = fc.array(fc.tuple(fc.boolean(), key), { maxLength: 200 })
    fc.assert(
      fc.property(steps, fc.array(key, { maxLength: 20 }), (changes, asked) => {
        const keys = new SortedKeys()
        const held = new Set<string>()
        for (const [isAdded, each] of changes) {
          if (isAdded && !held.has(each)) keys.add(each)
          if (!isAdded && held.has(each)) keys.delete(each)
          if (isAdded) held.add(each)
          else held.delete(each)
        }
        const sorted = [...held].sort((one, other) => (one < other ? -1 : 1))
        expect([...keys.all()]).toEqual(sorted)
        expect(keys.below()).toBe(sorted.at(-1))
        for (const each of asked) {
          expect(keys.from(each)).toBe(sorted.find((other) => other >= each))
          expect(keys.above(each)).toBe(sorted.find((other) => other > each))
          expect(keys.below(each)).toBe(sorted.findLast((other) => other < each))
        }
      }),
      { numRuns: runs(100, 20_000) },
    )
  })

  it('stay in order over many chunks, added and removed in any order', () => {
    const keys = new SortedKeys()
    const count = 20_011
    const name = (at: number) => String((at * 7_919) % count).padStart(6, '0')
    for (let at = 0; at < count; at += 1) keys.add(name(at))
    const all = [...keys.all()]
    expect(all).toEqual(all.toSorted())
    expect(all).toHaveLength(count)
    expect(all.every((each, at) => keys.below(each) === all[at - 1] && keys.above(each) === all[at + 1])).toBe(true)
    for (let at = 0; at < count; at += 1) keys.delete(name(at))
    expect([...keys.all(), keys.below(), keys.from('')]).toEqual([undefined, undefined])
  })
})
