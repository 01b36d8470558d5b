import { expect, it } from 'vitest'
import { lineMatcher } from '../../../../packages/tools/src/builtin/file/line-matcher.js'
import { thrown } from '../../open-tools.js'

const plain = { regex: false, ignoreCase: false }
const regex = { regex: true, ignoreCase: false }

it('finds plain text as it is written', () => {
  const { matches, lineChars } = lineMatcher({ query: 'a.b*', ...plain })
  expect([matches('xa.b*x'), matches('aabbb'), matches('A.B*')]).toEqual([true, false, false])
  expect(lineChars).toBe(Infinity)
})

it('finds plain text in any case if asked to', () => {
  const { matches } = lineMatcher({ query: 'ÜberALL', regex: false, ignoreCase: true })
  expect([matches('überall'), matches('uberall')]).toEqual([true, false])
})

it('finds what a regular expression describes', () => {
  const { matches, lineChars } = lineMatcher({ query: '^id: \\d{2,3}$', ...regex })
  expect([matches('id: 12'), matches('id: 1'), matches('my id: 12'), matches('ID: 12')]).toEqual([
    true,
    false,
    false,
    false,
  ])
  expect(lineMatcher({ query: 'id', regex: true, ignoreCase: true }).matches('ID')).toBe(true)
  expect(lineChars).toBe(4_096)
})

it('is not held up by an expression that backtracks', () => {
  const { matches } = lineMatcher({ query: '(a+)+$', ...regex })
  expect(matches(`${'a'.repeat(4_000)}b`)).toBe(false)
})

it.each([['('], ['(?=a)'], ['(a)\\1'], ['a{2000}']])('refuses %s and says which syntax it wants', (query) => {
  expect(thrown(() => lineMatcher({ query, ...regex })).message).toMatch(
    /syntax of RE2, without look-around and back-references: error/,
  )
})

it('refuses an expression that would take too long', () => {
  expect(thrown(() => lineMatcher({ query: '(a|b){300}c', ...regex })).message).toMatch(/at most 200 steps, got \d+/)
})
