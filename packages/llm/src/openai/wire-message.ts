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
  ChatCompletionMessageToolCall,
} from 'openai/resources/chat/completions'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'
import { returningExtra } from './call-origin.js'
import { argumentsOf, outputText } from './call-text.js'
import type { ReasoningField } from './completion.js'
import { returningCustomCall } from './custom-call.js'
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

function leftOut(part: MessagePart, { warnings }: MessageMapping): void {
  const message = `A "${part.type}" part of an assistant message was left out: chat completions cannot take it back.`
  warnings.push({ setting: 'messages', message })
}

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

/** Collects what an answer goes back as. */
interface Said {
  text: string
  readonly calls: ChatCompletionMessageToolCall[]
  readonly thoughts: Partial<Record<ReasoningField, string>>
  readonly details: ReasoningDetail[]
}

function addCustom(said: Said, part: CustomPart, mapping: MessageMapping): void {
  if (part.kind === LOGPROBS_KIND) return
  if (part.kind === DETAILS_KIND) return void said.details.push(...returningDetails(part, mapping.host))
  const call = returningCustomCall(part, mapping.host)
  if (call === undefined) leftOut(part, mapping)
  else said.calls.push(call)
}

function addPart(said: Said, part: MessagePart, mapping: MessageMapping): void {
  switch (part.type) {
    case 'text':
      said.text += part.text
      return
    case 'tool-call':
      said.calls.push(toWireCall(part, mapping))
      return
    case 'reasoning': {
      const field = returningField(part, mapping.host)
      if (field !== undefined) said.thoughts[field] = (said.thoughts[field] ?? '') + part.text
      return
    }
    case 'custom':
      addCustom(said, part, mapping)
      return
    case 'file':
      leftOut(part, mapping)
      return
    case 'source':
      return
    case 'tool-result':
      throw misplaced(part, 'no tool result in an assistant message')
  }
}

function assistantMessage(message: Message, mapping: MessageMapping): ChatCompletionAssistantMessageParam {
  const said: Said = { text: '', calls: [], thoughts: {}, details: [] }
  for (const part of messageParts(message)) addPart(said, part, mapping)
  const { text, calls, details } = said
  const { content: thought, ...reasoning } = said.thoughts
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
