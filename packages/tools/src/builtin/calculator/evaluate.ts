import { NUMBER_DIGITS } from '../../limits.js'
import type { Expression, FunctionName, Operator } from './expression.js'
import { cannotCompute, Rational } from './rational.js'

const ZERO = Rational.of(0n)

const OPERATIONS: Readonly<Record<Operator, (left: Rational, right: Rational) => Rational>> = {
  '+': (left, right) => left.plus(right),
  '-': (left, right) => left.minus(right),
  '*': (left, right) => left.times(right),
  '/': (left, right) => left.over(right),
  '%': (left, right) => left.remainder(right),
  '^': (left, right) => left.power(right),
}

function sum(values: readonly Rational[]): Rational {
  return values.reduce((total, value) => total.plus(value))
}

/** Returns the value that no other one exceeds in the given direction: 1 for the greatest, -1 for the least. */
function extreme(values: readonly Rational[], direction: 1 | -1): Rational {
  return values.reduce((best, value) => (value.compare(best) * direction > 0 ? value : best))
}

function round(value: Rational, places: Rational): Rational {
  const count = Number(places.numerator)
  if (!places.isInteger || Math.abs(count) > NUMBER_DIGITS) {
    throw cannotCompute(
      `Expected a whole number of decimal places from -${NUMBER_DIGITS} to ${NUMBER_DIGITS} for round, got another.`,
    )
  }
  return value.rounded(count)
}

const CALLS: Readonly<Record<FunctionName, (values: readonly Rational[]) => Rational>> = {
  sum,
  avg: (values) => sum(values).over(Rational.of(BigInt(values.length))),
  min: (values) => extreme(values, -1),
  max: (values) => extreme(values, 1),
  abs: ([value = ZERO]) => (value.compare(ZERO) < 0 ? value.negated() : value),
  round: ([value = ZERO, places = ZERO]) => round(value, places),
  floor: ([value = ZERO]) => value.floor(),
  ceil: ([value = ZERO]) => value.negated().floor().negated(),
}

function operate(operator: Operator, at: number, [left, right]: readonly [Rational, Rational]): Rational {
  const divides = operator === '/' || operator === '%' || (operator === '^' && right.compare(ZERO) < 0)
  if (divides && (operator === '^' ? left : right).isZero) {
    throw cannotCompute(`Expected a divisor other than 0 for the "${operator}" at character ${at}, got 0.`)
  }
  return OPERATIONS[operator](left, right)
}

/**
 * Computes an expression exactly.
 *
 * @throws AiosError `AIOS_INVALID_TOOL_INPUT` for a division by zero, an exponent that is not whole, or too many digits
 */
export function evaluate(expression: Expression): Rational {
  switch (expression.kind) {
    case 'number':
      return expression.value
    case 'negation':
      return evaluate(expression.of).negated()
    case 'operation':
      return operate(expression.operator, expression.at, [evaluate(expression.left), evaluate(expression.right)])
    case 'call':
      return CALLS[expression.name](expression.operands.map(evaluate))
  }
}
