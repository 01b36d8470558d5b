import { EXPRESSION_CHARS } from '../../limits.js'
import { defineTool } from '../../registry/define-tool.js'
import type { Tool } from '../../registry/tool.js'
import { refined, shape, text } from '../input-shape.js'
import { approximateDecimal, exactDecimal } from './decimal.js'
import { evaluate } from './evaluate.js'
import { parseExpression } from './parse-expression.js'

/** Is what the calculator returns. */
export interface CalculatorResult {
  /** The exact result: a decimal such as `0.3`, or where there is no finite one a fraction such as `1/3`. */
  readonly result: string
  /** Only beside a fraction: the result to 30 significant digits. */
  readonly approximation?: string
}

const DESCRIPTION = `Computes an arithmetic expression exactly, with decimals and fractions of any kind, never with rounding errors. \
Use it for every calculation instead of computing yourself. Operators: + - * / ^ (power), % (remainder, with the sign of the left side), \
parentheses. Functions: sum(…), avg(…), min(…), max(…), abs(x), round(x), round(x, places), floor(x), ceil(x). \
Write numbers as 1234.5 or 1.5e3, without thousands separators or units. Example: "round((12.5 + 7) * 3 / 8, 2)".`

/**
 * Makes the tool `builtin/calculator`: exact arithmetic over fractions of big integers. Numbers may have 500 digits
 * on each side of the fraction bar, expressions 1,000 characters.
 *
 * An expression that cannot be parsed is `AIOS_INVALID_TOOL_INPUT`; one that cannot be computed, such as a division by
 * zero, is `AIOS_TOOL_FAILED`.
 *
 * @example
 * ```ts
 * import { calculator, tools } from '@aios/tools'
 *
 * const device = tools([calculator()]) // in an agent: sys.tool.call({ name: 'calculator', input: { expression: '0.1 + 0.2' } })
 * ```
 */
export function calculator(): Tool<unknown, CalculatorResult> {
  return defineTool({
    name: 'calculator',
    source: 'builtin',
    idempotent: true,
    description: DESCRIPTION,
    input: shape({
      expression: refined(
        text('The expression, such as "2 * (3 + 4)".', { min: 1, max: EXPRESSION_CHARS }),
        parseExpression,
      ),
    }),
    execute({ expression }): CalculatorResult {
      const value = evaluate(expression)
      const decimal = exactDecimal(value)
      if (decimal !== undefined) return { result: decimal }
      return { result: `${value.numerator}/${value.denominator}`, approximation: approximateDecimal(value) }
    },
  })
}
