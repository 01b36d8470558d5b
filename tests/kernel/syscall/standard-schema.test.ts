import { expect, it } from 'vitest'
import { issuesText } from '../../../packages/kernel/src/syscall/standard-schema.js'

it('writes issues of any library as one line: with paths of keys, of objects, and without', () => {
  expect(
    issuesText([
      { message: 'Expected number', path: ['a'] },
      { message: 'Required', path: [{ key: 'b' }, 0, 'c'] },
      { message: 'Not an order' },
    ]),
  ).toBe('a: Expected number; b.0.c: Required; Not an order')
})
