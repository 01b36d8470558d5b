import type { ToolCallPart } from '@aios/kernel'

/**
 * Reads the arguments of a tool call as a model wrote them. Never throws: text that is no JSON is kept and marked
 * `invalid`. Nothing at all means no arguments.
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
    return { input: JSON.parse(inputText) as unknown, inputText }
  } catch (error) {
    return { input: undefined, inputText, invalid: `The arguments are no JSON: ${(error as SyntaxError).message}` }
  }
}
