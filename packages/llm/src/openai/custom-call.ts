import type { CustomPart } from '@aios/kernel'
import type { ChatCompletionMessageCustomToolCall } from 'openai/resources/chat/completions'
import { isRecord } from '../core/record.js'

/** Is the kind of the custom part that holds a call of a tool that takes text, not arguments: OpenAI's custom tools. */
export const CUSTOM_CALL_KIND = 'openai.custom_tool_call'

/** Makes the part of such a call. */
export function customCallPart(
  { id, name, inputText }: { readonly id: string; readonly name: string | undefined; readonly inputText: string },
  host: string,
): CustomPart {
  const value = { id, type: 'custom', custom: { name: name ?? '', input: inputText } }
  return { type: 'custom', kind: CUSTOM_CALL_KIND, value, opaque: { openai: { host } } }
}

/** Returns the call that a part brings back to this host; undefined for a part that came from elsewhere, or holds none. */
export function returningCustomCall(
  { kind, value, opaque }: CustomPart,
  host: string,
): ChatCompletionMessageCustomToolCall | undefined {
  const origin = opaque?.['openai']
  if (kind !== CUSTOM_CALL_KIND || !isRecord(origin) || origin['host'] !== host || !isRecord(value)) return undefined
  return value['type'] === 'custom' ? (value as unknown as ChatCompletionMessageCustomToolCall) : undefined
}
