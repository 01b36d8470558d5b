import fc from 'fast-check'
import { expect, it } from 'vitest'
import { matchesGlob } from '../../../../packages/tools/src/builtin/file/glob.js'

it.each([
  ['a.md', '*.md', true],
  ['docs/a.md', '*.md', true],
  ['docs/a.mdx', '*.md', false],
  ['docs/a.md', 'docs/*.md', true],
  ['docs/deep/a.md', 'docs/*.md', false],
  ['docs/deep/er/a.md', 'docs/**/*.md', true],
  ['docs/a.md', 'docs/**/*.md', true],
  ['docs/a.md', '**/a.md', true],
  ['docs', 'docs/**', true],
  ['docs/a/b', 'docs/**', true],
  ['other/a', 'docs/**', false],
  ['a.md', 'docs/a.md', false],
  ['docs/a.md', 'docs/a.md/', false],
  ['log-1.txt', 'log-?.txt', true],
  ['log-10.txt', 'log-?.txt', false],
  ['abcabd', '*ab?', true],
  ['a+b(1).txt', 'a+b(1).*', true],
  ['axb', 'a.b', false],
  ['a/b/c', '**/b/**/c', true],
])('%s matches %s: %s', (path, glob, isMatch) => {
  expect(matchesGlob(path, glob)).toBe(isMatch)
})

it('agrees with a regular expression made from the same pattern', () => {
  const segment = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 })
  const part = fc
    .oneof(fc.constant('**'), fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 3 }))
    .filter((text) => text === '**' || !text.includes('**'))
  fc.assert(
    fc.property(
      fc.array(segment, { minLength: 1, maxLength: 4 }),
      fc.array(part, { minLength: 2, maxLength: 4 }),
      (path, glob) => {
        // Every segment ends in "/", so that "**" becomes any number of whole ones.
        const source = glob.map((text) =>
          text === '**' ? '(?:[^/]+/)*' : `${text.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}/`,
        )
        const isMatch = new RegExp(`^${source.join('')}$`).test(`${path.join('/')}/`)
        expect(matchesGlob(path.join('/'), glob.join('/'))).toBe(isMatch)
      },
    ),
    { numRuns: 1_000 },
  )
})

it('is not held up by many stars', () => {
  expect(matchesGlob('a'.repeat(1_000), `${'*a'.repeat(120)}*b`)).toBe(false)
  expect(matchesGlob('a/'.repeat(500), `${'**/a/'.repeat(50)}b`)).toBe(false)
})
