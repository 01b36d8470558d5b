import type { ToolCallPart } from '@aios/kernel'
import { jsonText } from '../core/json-text.js'
import { isTooDeep, MAX_LEVELS } from './nesting.js'

/**
 * Reads the arguments of a tool call as a model wrote them. Never throws: text that is no JSON, or nested deeper than 1,000 levels,
 * is kept and marked `invalid`. Nothing at all means no arguments.
 *
 * @param inputText - the arguments exactly as they came
 * @example
 * ```ts
 * import { parseToolInput } from '@aios/llm'
 *
 * parseToolInput('{"a":1}').input // { a: 1 }
 * parseToolInput('{"a":').invalid // 'The arguments are no JSON: …'
 * ```
 */
export function parseToolInput(inputText: string): Pick<ToolCallPart, 'input' | 'inputText' | 'invalid'> {
  if (inputText.trim() === '') return { input: {}, inputText }
  try {
    const input: unknown = JSON.parse(inputText)
    if (inputText.length <= MAX_LEVELS || !isTooDeep(input)) return { input, inputText }
    return { input: undefined, inputText, invalid: `The arguments are nested deeper than ${MAX_LEVELS} levels.` }
  } catch (error) {
    return { input: undefined, inputText, invalid: `The arguments are no JSON: ${(error as SyntaxError).message}` }
  }
}

/** Returns the arguments of a call as text, where a provider may give a value in its place. */
export function inputTextOf(input: unknown): string {
  if (typeof input === 'string') return input
  return input === undefined ? '' : jsonText(input)
}
