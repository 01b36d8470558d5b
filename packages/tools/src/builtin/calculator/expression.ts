import type { Rational } from './rational.js'

/** Names an operation on two numbers. */
export type Operator = '+' | '-' | '*' | '/' | '%' | '^'

/** Names the functions of the calculator with how many numbers each takes. */
export const FUNCTIONS = {
  sum: { least: 1, most: Infinity },
  avg: { least: 1, most: Infinity },
  min: { least: 1, most: Infinity },
  max: { least: 1, most: Infinity },
  abs: { least: 1, most: 1 },
  round: { least: 1, most: 2 },
  floor: { least: 1, most: 1 },
  ceil: { least: 1, most: 1 },
} as const

/** Names a function of the calculator. */
export type FunctionName = keyof typeof FUNCTIONS

/** Is a parsed expression. `at` counts characters from 1. */
export type Expression =
  | { readonly kind: 'number'; readonly value: Rational }
  | { readonly kind: 'negation'; readonly of: Expression }
  | {
      readonly kind: 'operation'
      readonly operator: Operator
      readonly at: number
      readonly left: Expression
      readonly right: Expression
    }
  | {
      readonly kind: 'call'
      readonly name: FunctionName
      readonly at: number
      readonly operands: readonly Expression[]
    }
