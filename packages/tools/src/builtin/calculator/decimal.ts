import { APPROXIMATE_DIGITS, NUMBER_DIGITS } from '../../limits.js'
import { magnitude, type Rational, roundedQuotient } from './rational.js'

/** Counts how often a factor divides a number, and what is left. */
function without(value: bigint, factor: bigint): { readonly count: number; readonly rest: bigint } {
  let [count, rest] = [0, value]
  for (; rest % factor === 0n; rest /= factor) count += 1
  return { count, rest }
}

/** Writes digits with a point before the last `places` of them, without trailing zeros behind it. */
function withPoint(digits: string, places: number): string {
  const padded = digits.padStart(places + 1, '0')
  const split = padded.length - places
  const fraction = padded.slice(split).replace(/0+$/, '')
  return fraction === '' ? padded.slice(0, split) : `${padded.slice(0, split)}.${fraction}`
}

function signed(value: Rational, text: string): string {
  return value.numerator < 0n ? `-${text}` : text
}

/** Writes a number as a decimal, exactly; undefined if it has no finite form, or one of more than 500 places. */
export function exactDecimal(value: Rational): string | undefined {
  const twos = without(value.denominator, 2n)
  const fives = without(twos.rest, 5n)
  const places = Math.max(twos.count, fives.count)
  if (fives.rest !== 1n || places > NUMBER_DIGITS) return undefined
  const digits = (magnitude(value.numerator) * 10n ** BigInt(places)) / value.denominator
  return signed(value, withPoint(digits.toString(), places))
}

/** Finds the power of ten at or below a positive fraction. */
function decimalExponent(numerator: bigint, denominator: bigint): number {
  const guess = numerator.toString().length - denominator.toString().length
  const power = 10n ** BigInt(Math.abs(guess))
  const isBelow = guess < 0 ? numerator * power < denominator : numerator < denominator * power
  return isBelow ? guess - 1 : guess
}

/** Writes a number other than 0 with 30 significant digits, halves away from zero, with `e` where that is shorter. */
export function approximateDecimal(value: Rational): string {
  const [above, below] = [magnitude(value.numerator), value.denominator]
  const exponent = decimalExponent(above, below)
  const places = APPROXIMATE_DIGITS - 1 - exponent
  const power = 10n ** BigInt(Math.abs(places))
  const digits = (places < 0 ? roundedQuotient(above, below * power) : roundedQuotient(above * power, below)).toString()
  // Rounding 9.99… up yields one digit more.
  const shown = exponent + digits.length - APPROXIMATE_DIGITS
  if (shown >= -7 && places >= 0) return signed(value, withPoint(digits, places))
  return signed(value, `${withPoint(digits, digits.length - 1)}e${shown}`)
}
