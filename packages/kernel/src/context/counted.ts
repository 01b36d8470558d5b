import { describe } from '../error/describe.js'

/** Returns what a tokenizer counted, if it is a count. */
export function counted(tokens: number, by: string): number {
  if (Number.isSafeInteger(tokens) && tokens >= 0) return tokens
  throw new Error(`Expected ${by} to return a whole number of tokens from 0, got ${describe(tokens)}.`)
}
