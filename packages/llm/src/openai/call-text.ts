import type { CoreWarning, ToolCallPart, ToolResultPart } from '@aios/kernel'
import { isRecord } from '../core/record.js'
import { resultText } from '../core/result-text.js'

/**
 * Returns what a model wrote as arguments. Several servers parse them when they come back and fail the whole request
 * if they are no JSON object, so anything else is wrapped into one.
 */
export function argumentsOf(part: ToolCallPart): string {
  if (part.invalid === undefined && isRecord(part.input)) return part.inputText.trim() === '' ? '{}' : part.inputText
  return JSON.stringify({ unparsed: part.inputText })
}

/** Returns the result of a call as text. OpenAI has no field for failure: the model must be able to read it. */
export function outputText(part: ToolResultPart, warnings: CoreWarning[]): string {
  const output = resultText(part, warnings)
  return part.isError === true ? `Error: ${output}` : output
}
