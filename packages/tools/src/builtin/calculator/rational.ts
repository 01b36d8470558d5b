import { AiosError } from '@aios/kernel/driver'
import { EXPONENT, NUMBER_DIGITS } from '../../limits.js'

const TOO_LARGE = 10n ** BigInt(NUMBER_DIGITS)

/** Makes the error of an expression that cannot be computed. */
export function cannotCompute(message: string): AiosError {
  return new AiosError('AIOS_INVALID_TOOL_INPUT', message)
}

/** Returns a number without its sign. */
export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

function commonDivisor(left: bigint, right: bigint): bigint {
  let [a, b] = [magnitude(left), right]
  while (b !== 0n) [a, b] = [b, a % b]
  return a
}

/** Divides and rounds halves away from zero. */
export function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const rounded = (2n * magnitude(numerator) + denominator) / (2n * denominator)
  return numerator < 0n ? -rounded : rounded
}

/** Is an exact number: an integer over a positive integer, in lowest terms, each of at most 500 digits. */
export class Rational {
  readonly numerator: bigint
  readonly denominator: bigint

  private constructor(numerator: bigint, denominator: bigint) {
    this.numerator = numerator
    this.denominator = denominator
  }

  /**
   * Makes a number out of any two integers; the second is not 0.
   *
   * @throws AiosError `AIOS_INVALID_TOOL_INPUT` if it has too many digits
   */
  static of(numerator: bigint, denominator = 1n): Rational {
    const sign = denominator < 0n ? -1n : 1n
    const divisor = denominator === 1n ? 1n : commonDivisor(numerator, denominator * sign)
    const [above, below] = [(sign * numerator) / divisor, (sign * denominator) / divisor]
    if (magnitude(above) >= TOO_LARGE || below >= TOO_LARGE) {
      throw cannotCompute(
        `Expected numbers of at most ${NUMBER_DIGITS} digits, got a longer one on the way. Use smaller numbers or powers.`,
      )
    }
    return new Rational(above, below)
  }

  get isZero(): boolean {
    return this.numerator === 0n
  }

  get isInteger(): boolean {
    return this.denominator === 1n
  }

  plus(other: Rational): Rational {
    return Rational.of(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    )
  }

  negated(): Rational {
    return new Rational(-this.numerator, this.denominator)
  }

  minus(other: Rational): Rational {
    return this.plus(other.negated())
  }

  times(other: Rational): Rational {
    return Rational.of(this.numerator * other.numerator, this.denominator * other.denominator)
  }

  /** Divides by a number that is not 0. */
  over(other: Rational): Rational {
    return Rational.of(this.numerator * other.denominator, this.denominator * other.numerator)
  }

  /** Rounds towards zero. */
  truncated(): Rational {
    return new Rational(this.numerator / this.denominator, 1n)
  }

  /** Rounds down. */
  floor(): Rational {
    const whole = this.truncated()
    return this.numerator < 0n && !this.isInteger ? whole.minus(Rational.of(1n)) : whole
  }

  /** Rounds to so many decimal places, halves away from zero; negative places are left of the point. */
  rounded(places: number): Rational {
    const power = 10n ** BigInt(Math.abs(places))
    if (places >= 0) return Rational.of(roundedQuotient(this.numerator * power, this.denominator), power)
    return Rational.of(roundedQuotient(this.numerator, this.denominator * power) * power)
  }

  /** Returns what is left of a division, with the sign of this number; the divisor is not 0. */
  remainder(divisor: Rational): Rational {
    return this.minus(divisor.times(this.over(divisor).truncated()))
  }

  /** Raises to a whole power; 0 to the power of 0 is 1, and 0 is never raised to a negative one. */
  power(exponent: Rational): Rational {
    const { numerator: times } = exponent
    if (!exponent.isInteger || magnitude(times) > EXPONENT) {
      throw cannotCompute(
        `Expected a whole exponent from -${EXPONENT} to ${EXPONENT}, got another. Roots and logarithms are not exact, so this calculator has none.`,
      )
    }
    const digits = Math.max(magnitude(this.numerator).toString().length, this.denominator.toString().length) - 1
    // A number of k + 1 digits to the power of n has more than k n of them: refuse before computing.
    if (digits * Number(magnitude(times)) > NUMBER_DIGITS) {
      throw cannotCompute(
        `Expected a power of at most ${NUMBER_DIGITS} digits, got one of about ${digits * Number(magnitude(times))}.`,
      )
    }
    const [above, below] = times < 0n ? [this.denominator, this.numerator] : [this.numerator, this.denominator]
    return Rational.of(above ** magnitude(times), below ** magnitude(times))
  }

  /** Returns a negative number, 0 or a positive number, as this is less than, equal to or greater than the other. */
  compare(other: Rational): number {
    const difference = this.numerator * other.denominator - other.numerator * this.denominator
    return difference < 0n ? -1 : Number(difference > 0n)
  }
}
