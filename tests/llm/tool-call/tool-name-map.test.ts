import { toolNameMap } from '@aios/llm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('toolNameMap', () => {
  it('leaves legal names as they are', () => {
    const names = toolNameMap(['add', 'a__b', 'x-1'])
    expect(['add', 'a__b', 'x-1'].map((name) => names.toWire(name))).toEqual(['add', 'a__b', 'x-1'])
  })

  it('gives illegal names a stand-in that no other tool has', () => {
    const names = toolNameMap(['a/b', 'a_b', 'a.b', 'a_b_2'])
    expect(['a/b', 'a_b', 'a.b', 'a_b_2'].map((name) => names.toWire(name))).toEqual(['a_b_3', 'a_b', 'a_b_4', 'a_b_2'])
  })

  it('leaves names that it was not given readable, both ways', () => {
    const names = toolNameMap(['a/b'])
    expect([names.toWire('c/d'), names.fromWire('c_d')]).toEqual(['c_d', 'c_d'])
  })

  it('maps every set of names to legal, different names and back', () => {
    const name = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme', maxLength: 80 }),
      fc.constantFrom('a/b', 'a_b', 'a b'),
    )
    fc.assert(
      fc.property(fc.uniqueArray(name), (all) => {
        const names = toolNameMap(all)
        const wire = all.map((one) => names.toWire(one))
        expect(wire.every((one) => /^[\w-]{1,64}$/.test(one))).toBe(true)
        expect(new Set(wire).size).toBe(all.length)
        expect(wire.map((one) => names.fromWire(one))).toEqual(all)
      }),
    )
  })

  it('keeps long names apart that differ only at the end', () => {
    const long = 'x'.repeat(70)
    const names = toolNameMap([`${long}/1`, `${long}/2`])
    expect(names.toWire(`${long}/2`)).toBe(`${'x'.repeat(62)}_2`)
    expect(names.fromWire(names.toWire(`${long}/2`))).toBe(`${long}/2`)
  })
})
