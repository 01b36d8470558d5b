import type { JsonValue, ToolResultPart } from '@aios/kernel'
import { plainValue } from '../../core/plain-value.js'
import type { ToolNameMap } from '../../tool-call/tool-name-map.js'
import { isContent } from '../provider-state.js'
import type { AiSdkSpec } from '../spec-version.js'
import type { SdkModel } from './model.js'
import { resultContent } from './result-content.js'

/** Is a tool's result in a prompt. */
export interface PromptResult {
  type: 'tool-result'
  toolCallId: string
  toolName: string
  output:
    | { type: 'text' | 'error-text'; value: string }
    | { type: 'json' | 'error-json'; value: JsonValue }
    | { type: 'content'; value: Readonly<Record<string, unknown>>[] }
  providerOptions?: Readonly<Record<string, unknown>>
}

function outputOf({ output, isError = false, opaque }: ToolResultPart, spec: AiSdkSpec): PromptResult['output'] {
  const content = Array.isArray(output) && isContent(opaque) ? resultContent(output, spec) : undefined
  if (content !== undefined) return { type: 'content', value: content }
  const value = plainValue(output)
  return typeof value === 'string'
    ? { type: isError ? 'error-text' : 'text', value }
    : { type: isError ? 'error-json' : 'json', value }
}

/** Translates a tool's result; what JSON has no word for is as JSON can carry it. */
export function toResultPart(
  part: ToolResultPart,
  names: ToolNameMap,
  { specificationVersion }: SdkModel,
): PromptResult {
  return {
    type: 'tool-result',
    toolCallId: part.id,
    toolName: names.toWire(part.name),
    output: outputOf(part, specificationVersion),
  }
}
