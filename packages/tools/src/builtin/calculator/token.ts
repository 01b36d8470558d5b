import { NUMBER_DIGITS } from '../../limits.js'
import { cannotCompute, Rational } from './rational.js'

/** Is one piece of an expression. `at` counts characters from 1. */
export type Token =
  | { readonly kind: 'number'; readonly text: string; readonly at: number; readonly value: Rational }
  | { readonly kind: 'name' | 'sign' | 'end'; readonly text: string; readonly at: number }

/** Space, then a number with its fraction and power of ten, a name, or any one character. */
const PIECE = /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z]+)|(?<sign>\S))/uy

function numberOf(text: string): Rational {
  const [mantissa = '', power = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const exponent = Number(power) - fraction.length
  if (Math.abs(exponent) > 2 * NUMBER_DIGITS) {
    throw cannotCompute(`Expected a number of at most ${NUMBER_DIGITS} digits, got ${text}.`)
  }
  const digits = BigInt(whole + fraction)
  const scale = 10n ** BigInt(Math.abs(exponent))
  return exponent < 0 ? Rational.of(digits, scale) : Rational.of(digits * scale)
}

/**
 * Splits an expression into tokens; the last one is `end`.
 *
 * @throws AiosError `AIOS_INVALID_TOOL_INPUT` if a number has too many digits
 */
export function tokensOf(expression: string): readonly Token[] {
  const tokens: Token[] = []
  const piece = new RegExp(PIECE)
  for (let match = piece.exec(expression); match !== null; match = piece.exec(expression)) {
    const { number, name, sign } = match.groups ?? {}
    const text = number ?? name ?? sign ?? ''
    const at = piece.lastIndex - text.length + 1
    if (number === undefined) tokens.push({ kind: name === undefined ? 'sign' : 'name', text, at })
    else tokens.push({ kind: 'number', text, at, value: numberOf(text) })
  }
  tokens.push({ kind: 'end', text: '', at: expression.length + 1 })
  return tokens
}
