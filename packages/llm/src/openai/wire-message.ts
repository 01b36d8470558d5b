import {
  AiosError,
  type CoreWarning,
  type CustomPart,
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
import { returningExtra } from './call-origin.js'
import { argumentsOf, outputText } from './call-text.js'
import type { ReasoningField } from './completion.js'
import { DETAILS_KIND, returningDetails, type ReasoningDetail } from './reasoning-details.js'
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

const isOfKind = (part: MessagePart, kind: string): part is CustomPart => part.type === 'custom' && part.kind === kind

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

function toWireCall(part: ToolCallPart, { names, host }: MessageMapping): ChatCompletionMessageFunctionToolCall {
  return {
    id: part.id,
    type: 'function',
    function: { name: names.toWire(part.name), arguments: argumentsOf(part) },
    ...returningExtra(part, host),
  }
}

type AnswerContent = Exclude<ChatCompletionAssistantMessageParam['content'], undefined>

/** Thoughts that came as a part of the content go back as one, which the SDK's types do not know. */
function answerContent(text: string, thought: string | undefined, hasCalls: boolean): AnswerContent {
  if (thought === undefined) return text === '' && hasCalls ? null : text
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: thought }] }
  return [thinking, ...(text === '' ? [] : [{ type: 'text', text }])] as unknown as AnswerContent
}

function assistantMessage(message: Message, mapping: MessageMapping): ChatCompletionAssistantMessageParam {
  const { host, warnings } = mapping
  const calls: ChatCompletionMessageFunctionToolCall[] = []
  const thoughts: Partial<Record<ReasoningField, string>> = {}
  const details: ReasoningDetail[] = []
  let text = ''
  for (const part of messageParts(message)) {
    if (part.type === 'text') text += part.text
    else if (part.type === 'tool-call') calls.push(toWireCall(part, mapping))
    else if (part.type === 'tool-result') throw misplaced(part, 'no tool result in an assistant message')
    else if (part.type === 'reasoning') {
      const field = returningField(part, host)
      if (field !== undefined) thoughts[field] = (thoughts[field] ?? '') + part.text
    } else if (isOfKind(part, DETAILS_KIND)) details.push(...returningDetails(part, host))
    else if (part.type !== 'source' && !isOfKind(part, LOGPROBS_KIND)) {
      const message = `A "${part.type}" part of an assistant message was left out: chat completions cannot take it back.`
      warnings.push({ setting: 'messages', message })
    }
  }
  const { content: thought, ...reasoning } = thoughts
  return {
    role: 'assistant',
    content: answerContent(text, thought, calls.length > 0),
    ...reasoning,
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  }
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
