import { AiosError, type CoreWarning, type Message, type MessagePart, messageParts } from '@aios/kernel/driver'
import type { ToolNameMap } from '../../tool-call/tool-name-map.js'
import { returnedState } from '../provider-state.js'
import type { SdkModel } from './model.js'
import { returnedContent } from './returned-content.js'
import { toFilePart, type PromptFile } from './prompt-file.js'
import { toResultPart, type PromptResult } from './prompt-result.js'

type Fields = Readonly<Record<string, unknown>>

/** Is what any part of a prompt may carry. */
interface Stateful {
  providerOptions?: Fields
}

/** Is text in a prompt. */
export interface PromptText extends Stateful {
  type: 'text'
  text: string
}

/** Is a part of what the model said before. */
export type PromptAnswer =
  | PromptText
  | PromptFile
  | PromptResult
  | ({ type: 'reasoning'; text: string } & Stateful)
  | ({ type: 'tool-call'; toolCallId: string; toolName: string; input: unknown; providerExecuted?: boolean } & Stateful)
  | ({ type: 'custom'; kind: string } & Stateful)
  | ({ type: 'reasoning-file'; mediaType: string; data: unknown } & Stateful)

/** Is one message of a prompt. */
export type PromptMessage =
  | ({ role: 'system'; content: string } & Stateful)
  | { role: 'user'; content: (PromptText | PromptFile)[] }
  | { role: 'assistant'; content: PromptAnswer[] }
  | { role: 'tool'; content: PromptResult[] }

/** Says how to translate the messages of one request. */
export interface PromptMapping {
  readonly names: ToolNameMap
  readonly warnings: CoreWarning[]
  readonly model: SdkModel
}

function misplaced(part: MessagePart, expected: string): AiosError {
  return new AiosError('AIOS_LLM_BAD_REQUEST', `Expected ${expected}, got a "${part.type}" part.`)
}

function system(message: Message, { model }: PromptMapping): PromptMessage {
  const parts = messageParts(message)
  const content = parts.map((part) => {
    if (part.type !== 'text') throw misplaced(part, 'only text in a system message')
    return part.text
  })
  const last = parts.findLast(({ opaque }) => opaque !== undefined)
  return { role: 'system', content: content.join(''), ...returnedState(last?.opaque, model.provider) }
}

function user(message: Message, { model }: PromptMapping): PromptMessage {
  const content = messageParts(message).map((part): PromptText | PromptFile => {
    const state = returnedState(part.opaque, model.provider)
    if (part.type === 'text') return { type: 'text', text: part.text, ...state }
    if (part.type === 'file') return { ...toFilePart(part, model), ...state }
    throw misplaced(part, 'text and files in a user message')
  })
  return { role: 'user', content }
}

function answerPart(part: MessagePart, mapping: PromptMapping): PromptAnswer[] {
  const { model, names, warnings } = mapping
  const state = returnedState(part.opaque, model.provider)
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [{ type: part.type, text: part.text, ...state }]
    case 'file':
      return [{ ...toFilePart(part, model), ...state }]
    case 'tool-call': {
      // A model must see the call that it wrote, also where nobody could read it.
      const input = part.invalid === undefined ? part.input : part.inputText
      return [{ type: 'tool-call', toolCallId: part.id, toolName: names.toWire(part.name), input, ...state }]
    }
    case 'tool-result':
      return [{ ...toResultPart(part, names, model), ...state }]
    case 'source':
      return []
    case 'custom':
      return returnedContent(part, model, warnings)
  }
}

function tool(message: Message, { names, model }: PromptMapping): PromptMessage {
  const content = messageParts(message).map((part) => {
    if (part.type !== 'tool-result') throw misplaced(part, 'only tool results in a tool message')
    return { ...toResultPart(part, names, model), ...returnedState(part.opaque, model.provider) }
  })
  return { role: 'tool', content }
}

/**
 * Translates a conversation. Warnings about what was left out go to `mapping.warnings`.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for a part in a message of the wrong role
 */
export function toPrompt(messages: readonly Message[], mapping: PromptMapping): PromptMessage[] {
  return messages.map((message): PromptMessage => {
    if (message.role === 'system') return system(message, mapping)
    if (message.role === 'user') return user(message, mapping)
    if (message.role === 'tool') return tool(message, mapping)
    return { role: 'assistant', content: messageParts(message).flatMap((part) => answerPart(part, mapping)) }
  })
}
