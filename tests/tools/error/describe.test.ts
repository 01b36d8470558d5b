import { expect, it } from 'vitest'
import { describe as inWords } from '../../../packages/tools/src/error/describe.js'

it.each([
  [null, 'null'],
  [undefined, 'undefined'],
  ['short', '"short"'],
  ['x'.repeat(61), 'a string of 61 characters'],
  [3, '3'],
  [true, 'true'],
  [[1, 2], 'an array of 2'],
  [{ a: 1, b: 2 }, 'an object with the keys a, b'],
  [{}, 'an object with the keys (none)'],
  [() => 1, 'a function'],
  [Symbol('s'), 'a symbol'],
])('says what %o is without printing much of it', (value, words) => {
  expect(inWords(value)).toBe(words)
})

it('names no more than five keys', () => {
  expect(inWords({ a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 })).toBe('an object with the keys a, b, c, d, e')
})
