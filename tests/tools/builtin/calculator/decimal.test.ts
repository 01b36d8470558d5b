import fc from 'fast-check'
import { expect, it } from 'vitest'
import { approximateDecimal, exactDecimal } from '../../../../packages/tools/src/builtin/calculator/decimal.js'
import { Rational } from '../../../../packages/tools/src/builtin/calculator/rational.js'

const of = (numerator: bigint, denominator = 1n) => Rational.of(numerator, denominator)

it.each([
  [of(0n), '0'],
  [of(42n), '42'],
  [of(1000n), '1000'],
  [of(-1n, 2n), '-0.5'],
  [of(1n, 8n), '0.125'],
  [of(3n, 50n), '0.06'],
  [of(123_456n, 1000n), '123.456'],
  [of(-1n, 10n ** 20n), '-0.00000000000000000001'],
])('writes %o exactly', (value, text) => {
  expect(exactDecimal(value)).toBe(text)
})

it('writes back every finite decimal it is given', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
      fc.integer({ min: 0, max: 40 }),
      (digits, places) => {
        const text = exactDecimal(of(digits, 10n ** BigInt(places))) ?? ''
        const [whole = '', fraction = ''] = text.split('.')
        expect(BigInt(whole + fraction) * 10n ** BigInt(places - fraction.length)).toBe(digits)
        expect(text).not.toMatch(/\.$|\.\d*0$/)
      },
    ),
  )
})

it('knows what has no finite decimal form, or one that is too long', () => {
  expect([of(1n, 3n), of(1n, 6n), of(22n, 7n)].map(exactDecimal)).toEqual([undefined, undefined, undefined])
  expect(exactDecimal(of(1n, 2n ** 500n))).toHaveLength(502)
  expect(exactDecimal(of(1n, 2n ** 501n))).toBeUndefined()
})

it.each([
  [of(1n, 3n), '0.333333333333333333333333333333'],
  [of(-2n, 3n), '-0.666666666666666666666666666667'],
  [of(22n, 7n), '3.14285714285714285714285714286'],
  [of(10n ** 20n, 3n), '33333333333333333333.3333333333'],
  [of(1n, 3n * 10n ** 6n), '0.000000333333333333333333333333333333'],
  [of(1n, 3n * 10n ** 7n), '3.33333333333333333333333333333e-8'],
  [of(10n ** 40n, 3n), '3.33333333333333333333333333333e39'],
  [of(3n * 10n ** 31n - 1n, 3n), '1e31'],
])('approximates %o with 30 digits', (value, text) => {
  expect(approximateDecimal(value)).toBe(text)
})

it('is never further off than half of the last digit', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 60n }), fc.bigInt({ min: 1n, max: 10n ** 60n }), (above, below) => {
      const [mantissa = '', power = '0'] = approximateDecimal(of(above, below)).split('e')
      const [whole = '', fraction = ''] = mantissa.split('.')
      const scale = 10n ** 200n
      const shift = 10n ** BigInt(200 + Number(power) - fraction.length)
      const difference = BigInt(whole + fraction) * shift - (above * scale) / below
      const error = difference < 0n ? -difference : difference
      expect(error * 2n * 10n ** 29n <= (above * scale) / below + 10n ** 30n).toBe(true)
    }),
  )
})
