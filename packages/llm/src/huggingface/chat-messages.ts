import {
  type CoreRequest,
  type CoreWarning,
  type Message,
  messageParts,
  messageText,
  type ToolCallPart,
  type ToolSpec,
} from '@aios/kernel/driver'
import { resultText, resultValue } from '../core/result-text.js'
import { plainText, strayResult, unseenPart } from '../local/plain-text.js'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'

/** Is a tool call in the words of chat templates. */
export interface TemplateCall {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: unknown }
}

/** Is a message in the words of chat templates. */
export interface TemplateMessage {
  readonly role: string
  readonly content: string
  readonly reasoning_content?: string | undefined
  readonly tool_calls?: readonly TemplateCall[] | undefined
  readonly tool_call_id?: string | undefined
  readonly name?: string | undefined
}

/** Is a tool in the words of chat templates. */
export interface TemplateTool {
  readonly type: 'function'
  readonly function: { readonly name: string; readonly description: string; readonly parameters: unknown }
}

/** Says how to translate the messages of one request. */
export interface TemplateMapping {
  readonly names: ToolNameMap
  readonly warnings: CoreWarning[]
}

function templateCall({ id, name, input, inputText, invalid }: ToolCallPart, names: ToolNameMap): TemplateCall {
  const given = invalid === undefined ? input : inputText
  return { id, type: 'function', function: { name: names.toWire(name), arguments: given } }
}

function assistantMessage(message: Message, names: ToolNameMap): TemplateMessage {
  const parts = messageParts(message)
  for (const part of parts) if (part.type === 'file') throw unseenPart(part.mediaType)
  const calls = parts.filter((part) => part.type === 'tool-call').map((part) => templateCall(part, names))
  const thoughts = parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('')
  return {
    role: 'assistant',
    content: messageText(message),
    ...(thoughts === '' ? {} : { reasoning_content: thoughts }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
}

function resultMessages(
  message: Message,
  calls: ReadonlySet<string>,
  { names, warnings }: TemplateMapping,
): TemplateMessage[] {
  return messageParts(message).flatMap((part): TemplateMessage[] => {
    if (part.type !== 'tool-result') return []
    if (!calls.has(part.id)) throw strayResult(part.name, part.id)
    const content =
      part.isError === true ? JSON.stringify({ error: resultValue(part, warnings) }) : resultText(part, warnings)
    return [{ role: 'tool', name: names.toWire(part.name), tool_call_id: part.id, content }]
  })
}

/**
 * Translates the conversation of a request. Warnings about what was left out go to `mapping.warnings`.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` for a file, `AIOS_LLM_BAD_REQUEST` for a tool's result without its call
 */
export function chatMessages({ messages }: CoreRequest, mapping: TemplateMapping): TemplateMessage[] {
  const calls = new Set<string>()
  return messages.flatMap((message): TemplateMessage[] => {
    if (message.role === 'tool') return resultMessages(message, calls, mapping)
    if (message.role !== 'assistant') return [{ role: message.role, content: plainText(message) }]
    const said = assistantMessage(message, mapping.names)
    for (const { id } of said.tool_calls ?? []) calls.add(id)
    return [said]
  })
}

/** Translates the tools that are offered. */
export function templateTools(tools: readonly ToolSpec[], names: ToolNameMap): TemplateTool[] {
  return tools.map(({ name, description, inputSchema }) => ({
    type: 'function',
    function: { name: names.toWire(name), description: description ?? '', parameters: inputSchema },
  }))
}
