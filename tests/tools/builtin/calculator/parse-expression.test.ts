import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../../packages/tools/src/builtin/calculator/evaluate.js'
import { parseExpression } from '../../../../packages/tools/src/builtin/calculator/parse-expression.js'
import { thrown } from '../../open-tools.js'

function compute(expression: string): string {
  const { numerator, denominator } = evaluate(parseExpression(expression))
  return `${numerator}/${denominator}`
}

it.each([
  ['2 + 3 * 4', '14/1'],
  ['(2 + 3) * 4', '20/1'],
  ['10 - 4 - 3', '3/1'],
  ['24 / 4 / 2', '3/1'],
  ['7 % 4 * 2', '6/1'],
  ['2 ^ 3 ^ 2', '512/1'],
  ['-2 ^ 2', '-4/1'],
  ['(-2) ^ 2', '4/1'],
  ['2 ^ -2', '1/4'],
  ['--3', '3/1'],
  ['+3 - -3', '6/1'],
  ['2 * -3', '-6/1'],
  ['sum(1, 2 * 3, (4))', '11/1'],
  ['MAX(1, 2)', '2/1'],
  ['round(2.345, 2)', '47/20'],
])('reads %s as mathematics does', (expression, result) => {
  expect(compute(expression)).toBe(result)
})

it.each([
  ['', 'expected a number, "(", or a function at character 1, got the end'],
  ['1 +', 'at character 4, got the end'],
  ['1 2', 'expected an operator or the end at character 3, got "2"'],
  ['1,000', 'expected an operator or the end at character 2, got ","'],
  ['2(3)', 'expected an operator or the end at character 2, got "("'],
  ['(1', 'expected an operator or ")" at character 3, got the end'],
  ['1)', 'at character 2, got ")"'],
  ['()', 'at character 2, got ")"'],
  ['2 ** 3', 'at character 4, got "*"'],
  ['$5', 'at character 1, got "$"'],
  ['sqrt(2)', 'one of the functions sum, avg, min, max, abs, round, floor, ceil, at character 1, got "sqrt"'],
  ['constructor(1)', 'got "constructor"'],
  ['sum', 'expected "(" after sum at character 4'],
  ['sum()', 'at character 5, got ")"'],
  ['sum(1,)', 'at character 7, got ")"'],
  ['1 + abs(1, 2)', 'expected 1 values for abs at character 5, got 2'],
  ['round(1, 2, 3)', 'expected 1 to 2 values for round'],
])('says of %o what was expected where', (expression, words) => {
  const error = thrown(() => parseExpression(expression))
  expect(error).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT' })
  expect(error.message).toContain(words)
})

describe('depth', () => {
  it('is followed to 64 levels of any kind', () => {
    expect(compute(`${'('.repeat(63)}1${')'.repeat(63)}`)).toBe('1/1')
    expect(compute(`${'-'.repeat(63)}1`)).toBe('-1/1')
    expect(compute(`1${'^1'.repeat(63)}`)).toBe('1/1')
  })

  it.each([['('.repeat(999)], ['-'.repeat(999)], [`1${'^1'.repeat(499)}`], ['abs('.repeat(249)]])(
    'is refused beyond',
    (expression) => {
      expect(thrown(() => parseExpression(expression)).message).toContain('at most 64 levels')
    },
  )

  it('does not grow with the length of a sum', () => {
    expect(compute(`1${'+1'.repeat(499)}`)).toBe('500/1')
  })
})

it('groups as JavaScript does, for what both write alike', () => {
  const atom = fc.integer({ min: 0, max: 9 }).map(String)
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { depthSize: 'small' },
      atom,
      fc.tuple(tie('expression'), fc.constantFrom('+', '-', '*'), tie('expression')).map((parts) => parts.join(' ')),
      tie('expression').map((inner) => `(${inner})`),
      tie('expression').map((inner) => `- ${inner}`),
    ),
  }))
  fc.assert(
    fc.property(
      expression.filter((text) => text.length < 200),
      (text) => {
        const theirs = runInNewContext(text) as number
        fc.pre(Number.isSafeInteger(theirs) && (text.match(/-/g) ?? []).length < 40)
        expect(compute(text)).toBe(`${BigInt(theirs)}/1`)
      },
    ),
    { numRuns: 300 },
  )
})

it('never fails but by its own error, whatever it reads', () => {
  const piece = fc.constantFrom(
    '1',
    '.5',
    '2e3',
    '+',
    '-',
    '*',
    '/',
    '%',
    '^',
    '(',
    ')',
    ',',
    'sum',
    'round',
    ' ',
    'x',
    '€',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      try {
        evaluate(parseExpression(pieces.join('')))
      } catch (error) {
        expect(error).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT' })
      }
    }),
    { numRuns: 2_000 },
  )
})
