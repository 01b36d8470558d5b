import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Rational } from '../../../../packages/tools/src/builtin/calculator/rational.js'
import { thrown } from '../../open-tools.js'

const of = (numerator: number | bigint, denominator: number | bigint = 1) =>
  Rational.of(BigInt(numerator), BigInt(denominator))
const text = ({ numerator, denominator }: Rational) => `${numerator}/${denominator}`
const rational = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.bigInt({ min: 1n, max: 10n ** 20n }))
  .map(([numerator, denominator]) => Rational.of(numerator, denominator))

it('is always in lowest terms over a positive integer', () => {
  expect([of(6, -4), of(0, -5), of(-6, -4)].map(text)).toEqual(['-3/2', '0/1', '3/2'])
})

it('obeys the laws of a field', () => {
  fc.assert(
    fc.property(rational, rational, rational, (a, b, c) => {
      expect(text(a.plus(b))).toBe(text(b.plus(a)))
      expect(text(a.plus(b).times(c))).toBe(text(a.times(c).plus(b.times(c))))
      expect(text(a.minus(b).plus(b))).toBe(text(a))
      if (!b.isZero) expect(text(a.over(b).times(b))).toBe(text(a))
    }),
  )
})

it('divides with remainder: quotient times divisor plus remainder is the number, and the remainder is smaller', () => {
  fc.assert(
    fc.property(
      rational,
      rational.filter((b) => !b.isZero),
      (a, b) => {
        const rest = a.remainder(b)
        const quotient = a.minus(rest).over(b)
        expect(quotient.isInteger).toBe(true)
        const size = (x: Rational) => (x.numerator < 0n ? x.negated() : x)
        expect(size(rest).compare(size(b))).toBeLessThan(0)
        expect(rest.isZero || rest.numerator < 0n === a.numerator < 0n).toBe(true)
      },
    ),
  )
})

it.each([
  [of(7, 2), '3/1', '3/1'],
  [of(-7, 2), '-4/1', '-3/1'],
  [of(-4), '-4/1', '-4/1'],
])('rounds %o down, and towards zero', (value, down, towardsZero) => {
  expect([text(value.floor()), text(value.truncated())]).toEqual([down, towardsZero])
})

it.each([
  [of(5, 2), 0, '3/1'],
  [of(-5, 2), 0, '-3/1'],
  [of(12345, 1000), 2, '247/20'],
  [of(1, 3), 3, '333/1000'],
  [of(1250), -2, '1300/1'],
  [of(-1249), -2, '-1200/1'],
])('rounds %o to %i places, halves away from zero', (value, places, result) => {
  expect(text(value.rounded(places))).toBe(result)
})

it('compares', () => {
  expect([of(1, 3).compare(of(1, 2)), of(2, 4).compare(of(1, 2)), of(-1).compare(of(-2))]).toEqual([-1, 0, 1])
})

describe('powers', () => {
  it.each([
    [of(2), 10, '1024/1'],
    [of(2, 3), 3, '8/27'],
    [of(2, 3), -3, '27/8'],
    [of(-2), -3, '-1/8'],
    [of(0), 0, '1/1'],
    [of(1), 10_000, '1/1'],
    [of(-1), -9_999, '-1/1'],
  ])('raise %o to %i', (base, exponent, result) => {
    expect(text(base.power(of(exponent)))).toBe(result)
  })

  it.each([[of(1, 2)], [of(10_001)], [of(-10_001)], [of(10n ** 400n)]])('refuse the exponent %o', (exponent) => {
    expect(thrown(() => of(1).power(exponent)).message).toContain('whole exponent')
  })

  it('are refused before they are computed', () => {
    expect(thrown(() => of(10n ** 400n).power(of(10_000))).message).toContain('one of about 4000000')
  })
})

it('has at most 500 digits on either side', () => {
  const widest = 10n ** 500n - 1n
  expect(of(widest, 1).numerator).toBe(widest)
  for (const make of [
    () => of(widest + 1n),
    () => of(-widest - 1n),
    () => of(1, widest + 1n),
    () => of(widest).plus(of(1)),
  ]) {
    expect(thrown(make)).toMatchObject({ code: 'AIOS_INVALID_TOOL_INPUT' })
  }
})
