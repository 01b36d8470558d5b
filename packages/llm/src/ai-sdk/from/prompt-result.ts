import type { JsonValue, ToolResultPart } from '@aios/kernel'
import type { ToolNameMap } from '../../tool-call/tool-name-map.js'

/** Is a tool's result in a prompt. */
export interface PromptResult {
  type: 'tool-result'
  toolCallId: string
  toolName: string
  output: { type: 'text' | 'error-text'; value: string } | { type: 'json' | 'error-json'; value: JsonValue }
  providerOptions?: Readonly<Record<string, unknown>>
}

/** Translates a tool's result; what JSON has no word for is null. */
export function toResultPart({ id, name, output, isError = false }: ToolResultPart, names: ToolNameMap): PromptResult {
  const value = (output ?? null) as JsonValue
  return {
    type: 'tool-result',
    toolCallId: id,
    toolName: names.toWire(name),
    output:
      typeof value === 'string'
        ? { type: isError ? 'error-text' : 'text', value }
        : { type: isError ? 'error-json' : 'json', value },
  }
}
