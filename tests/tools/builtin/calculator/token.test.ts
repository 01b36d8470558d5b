import { expect, it } from 'vitest'
import { tokensOf } from '../../../../packages/tools/src/builtin/calculator/token.js'
import { thrown } from '../../open-tools.js'

const brief = (expression: string) => tokensOf(expression).map(({ kind, text, at }) => `${kind}:${text}@${at}`)
const value = (expression: string) => {
  const [token] = tokensOf(expression)
  if (token?.kind !== 'number') throw new Error('Expected a number first.')
  return [token.value.numerator, token.value.denominator]
}

it('splits numbers, names and signs, and knows where each begins', () => {
  expect(brief(' 12+ max(a,3)')).toEqual([
    'number:12@2',
    'sign:+@4',
    'name:max@6',
    'sign:(@9',
    'name:a@10',
    'sign:,@11',
    'number:3@12',
    'sign:)@13',
    'end:@14',
  ])
  expect(brief('')).toEqual(['end:@1'])
  expect(brief('\n\t7 ')).toEqual(['number:7@3', 'end:@5'])
})

it.each([
  ['0', [0n, 1n]],
  ['12.50', [25n, 2n]],
  ['.5', [1n, 2n]],
  ['5.', [5n, 1n]],
  ['1.5e3', [1500n, 1n]],
  ['1.5E-3', [3n, 2000n]],
  ['2e+2', [200n, 1n]],
  ['007', [7n, 1n]],
])('reads the number %s exactly', (text, exact) => {
  expect(value(text)).toEqual(exact)
})

it('takes as a power of ten only what is one', () => {
  expect(brief('2e')).toEqual(['number:2@1', 'name:e@2', 'end:@3'])
  expect(brief('1.2.3')).toEqual(['number:1.2@1', 'number:.3@4', 'end:@6'])
})

it('makes a sign of anything else, whole characters at a time', () => {
  expect(brief('€😀')).toEqual(['sign:€@1', 'sign:😀@2', 'end:@4'])
})

it.each([['1e500'], ['1e99999999999999999999'], ['1e-1001'], ['9'.repeat(501)]])(
  'refuses %s before computing it',
  (text) => {
    expect(thrown(() => tokensOf(text))).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT' })
  },
)
