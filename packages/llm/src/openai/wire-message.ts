import {
  AiosError,
  type CoreWarning,
  type Message,
  type MessagePart,
  messageParts,
  type ToolCallPart,
} from '@aios/kernel/driver'
import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionContentPart,
  ChatCompletionMessageFunctionToolCall,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'
import { argumentsOf, outputText } from './call-text.js'
import type { ReasoningField } from './completion.js'
import { returningField } from './reasoning-origin.js'
import { LOGPROBS_KIND } from './token-logprobs.js'
import { toWireFile } from './wire-file.js'

/** Says how to translate the messages of one request. */
export interface MessageMapping {
  readonly names: ToolNameMap
  /** Host of the provider: state of any other stays behind. */
  readonly host: string
  readonly warnings: CoreWarning[]
}

function misplaced(part: MessagePart, expected: string): AiosError {
  return new AiosError('AIOS_LLM_BAD_REQUEST', `Expected ${expected}, got a "${part.type}" part.`)
}

const isLogprobs = (part: MessagePart): boolean => part.type === 'custom' && part.kind === LOGPROBS_KIND

function systemText(message: Message): string {
  return messageParts(message)
    .map((part) => {
      if (part.type !== 'text') throw misplaced(part, 'only text in a system message')
      return part.text
    })
    .join('')
}

function userContent(message: Message): string | ChatCompletionContentPart[] {
  const parts = messageParts(message)
  if (parts.length === 1 && parts[0]?.type === 'text') return parts[0].text
  return parts.map((part) => {
    if (part.type === 'text') return { type: 'text', text: part.text }
    if (part.type === 'file') return toWireFile(part)
    throw misplaced(part, 'text and files in a user message')
  })
}

function toWireCall(part: ToolCallPart, names: ToolNameMap): ChatCompletionMessageFunctionToolCall {
  return {
    id: part.id,
    type: 'function',
    function: { name: names.toWire(part.name), arguments: argumentsOf(part) },
  }
}

function assistantMessage(message: Message, mapping: MessageMapping): ChatCompletionAssistantMessageParam {
  const calls: ChatCompletionMessageFunctionToolCall[] = []
  const reasoning: Partial<Record<ReasoningField, string>> = {}
  let text = ''
  for (const part of messageParts(message)) {
    if (part.type === 'text') text += part.text
    else if (part.type === 'tool-call') calls.push(toWireCall(part, mapping.names))
    else if (part.type === 'tool-result') throw misplaced(part, 'no tool result in an assistant message')
    else if (part.type === 'reasoning') {
      const field = returningField(part, mapping.host)
      if (field !== undefined) reasoning[field] = (reasoning[field] ?? '') + part.text
    } else if (part.type !== 'source' && !isLogprobs(part)) {
      const message = `A "${part.type}" part of an assistant message was left out: chat completions cannot take it back.`
      mapping.warnings.push({ setting: 'messages', message })
    }
  }
  const content = text === '' && calls.length > 0 ? null : text
  return { role: 'assistant', content, ...reasoning, ...(calls.length > 0 ? { tool_calls: calls } : {}) }
}

function toolMessages(message: Message, { warnings }: MessageMapping): ChatCompletionMessageParam[] {
  return messageParts(message).map((part) => {
    if (part.type !== 'tool-result') throw misplaced(part, 'only tool results in a tool message')
    return { role: 'tool', tool_call_id: part.id, content: outputText(part, warnings) }
  })
}

/**
 * Translates a conversation. Warnings about what was left out go to `mapping.warnings`.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for a part in a message of the wrong role, `AIOS_UNSUPPORTED` for a file
 * that chat completions cannot carry
 */
export function toWireMessages(messages: readonly Message[], mapping: MessageMapping): ChatCompletionMessageParam[] {
  return messages.flatMap((message): ChatCompletionMessageParam[] => {
    switch (message.role) {
      case 'system':
        return [{ role: 'system', content: systemText(message) }]
      case 'user':
        return [{ role: 'user', content: userContent(message) }]
      case 'assistant':
        return [assistantMessage(message, mapping)]
      case 'tool':
        return toolMessages(message, mapping)
    }
  })
}
