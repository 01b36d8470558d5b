import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nearestNames } from '../../../packages/tools/src/registry/nearest-names.js'

const NAMES = ['builtin/calculator', 'builtin/clock', 'local/add', 'local/subtract', 'shop/add']

it.each([
  ['ad', ['local/add', 'shop/add']],
  ['claculator', ['builtin/calculator']],
  ['builtin/calc', ['builtin/clock', 'builtin/calculator']],
  ['CLOCK', ['builtin/clock']],
  ['local/sub', ['local/add', 'local/subtract']],
  ['zzzzzzzz', []],
])('proposes for %o the names most like it, best first', (given, nearest) => {
  expect(nearestNames(given, NAMES)).toEqual(nearest)
})

it('proposes three at most', () => {
  expect(nearestNames('a', ['s/a1', 's/a2', 's/a3', 's/a4'])).toEqual(['s/a1', 's/a2', 's/a3'])
})

it('puts a name with one slip first, wherever the slip is', () => {
  fc.assert(
    fc.property(fc.nat(9), fc.constantFrom('x', 'q'), (at, letter) => {
      const slip = `calculator`.slice(0, at) + letter + `calculator`.slice(at + 1)
      expect(nearestNames(slip, NAMES)[0]).toBe('builtin/calculator')
    }),
  )
})

it('is not held up by an endless name', () => {
  expect(nearestNames('a'.repeat(1_000_000), NAMES)).toEqual([])
})
