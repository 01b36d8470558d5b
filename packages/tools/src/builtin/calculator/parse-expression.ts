import { EXPRESSION_DEPTH } from '../../limits.js'
import { type Expression, type FunctionName, FUNCTIONS, type Operator } from './expression.js'
import { cannotCompute } from './rational.js'
import { type Token, tokensOf } from './token.js'

const LOW: readonly string[] = ['+', '-']
const HIGH: readonly string[] = ['*', '/', '%']

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name)
}

/**
 * Parses by recursive descent, one method for each level:
 * `sum = product { (+ | -) product }`, `product = signed { (* | / | %) signed }`, `signed = { + | - } power`,
 * `power = atom [ ^ signed ]`, `atom = number | ( sum ) | name ( sum { , sum } )`.
 */
class ExpressionParser {
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Expression {
    const expression = this.#sum()
    if (this.#token.kind !== 'end') throw this.#unexpected('an operator or the end')
    return expression
  }

  get #token(): Token {
    // There is always one: nothing steps over the last token, `end`.
    return this.#tokens[this.#next] as Token
  }

  /** Steps over one of the given signs and returns it; undefined, and no step, if something else comes. */
  #take(signs: readonly string[]): Token | undefined {
    const token = this.#token
    if (token.kind !== 'sign' || !signs.includes(token.text)) return undefined
    this.#next += 1
    return token
  }

  #unexpected(wanted: string): Error {
    const { kind, text, at } = this.#token
    const got = kind === 'end' ? 'the end' : `"${text}"`
    return cannotCompute(`expected ${wanted} at character ${at}, got ${got}`)
  }

  #leftToRight(signs: readonly string[], operand: () => Expression): Expression {
    let left = operand()
    for (let sign = this.#take(signs); sign !== undefined; sign = this.#take(signs)) {
      left = { kind: 'operation', operator: sign.text as Operator, at: sign.at, left, right: operand() }
    }
    return left
  }

  #sum(): Expression {
    return this.#leftToRight(LOW, () => this.#leftToRight(HIGH, () => this.#signed()))
  }

  #signed(): Expression {
    this.#depth += 1
    if (this.#depth > EXPRESSION_DEPTH) throw this.#unexpected(`at most ${EXPRESSION_DEPTH} levels of nesting`)
    const sign = this.#take(LOW)
    const operand = sign === undefined ? this.#power() : this.#signed()
    this.#depth -= 1
    return sign?.text === '-' ? { kind: 'negation', of: operand } : operand
  }

  #power(): Expression {
    const left = this.#atom()
    const sign = this.#take(['^'])
    return sign === undefined ? left : { kind: 'operation', operator: '^', at: sign.at, left, right: this.#signed() }
  }

  #atom(): Expression {
    const token = this.#token
    if (token.kind === 'number') {
      this.#next += 1
      return { kind: 'number', value: token.value }
    }
    if (token.kind === 'name') return this.#call(token)
    if (this.#take(['(']) === undefined) throw this.#unexpected('a number, "(", or a function')
    const inner = this.#sum()
    this.#close()
    return inner
  }

  #close(): void {
    if (this.#take([')']) === undefined) throw this.#unexpected('an operator or ")"')
  }

  #call({ text, at }: Token): Expression {
    const name = text.toLowerCase()
    if (!isFunction(name))
      throw this.#unexpected(`a number, or one of the functions ${Object.keys(FUNCTIONS).join(', ')},`)
    this.#next += 1
    if (this.#take(['(']) === undefined) throw this.#unexpected(`"(" after ${name}`)
    const operands = [this.#sum()]
    while (this.#take([',']) !== undefined) operands.push(this.#sum())
    this.#close()
    const { least, most } = FUNCTIONS[name]
    if (operands.length > most) {
      const count = least === most ? `${most}` : `${least} to ${most}`
      throw cannotCompute(`expected ${count} values for ${name} at character ${at}, got ${operands.length}`)
    }
    return { kind: 'call', name, at, operands }
  }
}

/**
 * Parses an expression of the calculator.
 *
 * @throws AiosError `AIOS_INVALID_TOOL_INPUT` that says what was expected at which character
 */
export function parseExpression(expression: string): Expression {
  return new ExpressionParser(tokensOf(expression)).whole()
}
