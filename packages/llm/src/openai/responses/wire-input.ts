import {
  AiosError,
  type CoreWarning,
  type CustomPart,
  type Message,
  type MessagePart,
  messageParts,
  type ReasoningPart,
  type TextPart,
  type ToolResultPart,
} from '@aios/kernel/driver'
import { isRecord } from '../../core/record.js'
import { resultContent } from '../../core/result-text.js'
import type { ToolNameMap } from '../../tool-call/tool-name-map.js'
import { argumentsOf, outputText } from '../call-text.js'
import { returningCustomCall } from '../custom-call.js'
import { LOGPROBS_KIND } from '../token-logprobs.js'
import { isForeign, isItem, stateFor, type Item } from './item-state.js'
import { toInputFile } from './wire-content.js'

type Fields = Readonly<Record<string, unknown>>

/** Says how to translate the messages of one request. */
export interface InputMapping {
  readonly names: ToolNameMap
  /** Host of the provider: state of any other stays behind. */
  readonly host: string
  /** Whether the provider keeps what it answered, so that an item may mean one that it has. */
  readonly isStored: boolean
  readonly warnings: CoreWarning[]
}

/** Is a conversation as the API takes it. */
export interface WireInput {
  readonly instructions: string | undefined
  readonly input: readonly Fields[]
}

function misplaced(part: MessagePart, expected: string): AiosError {
  return new AiosError('AIOS_LLM_BAD_REQUEST', `Expected ${expected}, got a "${part.type}" part.`)
}

function leftOut(part: MessagePart, role: string, { warnings }: InputMapping): Fields[] {
  const what = part.type === 'custom' ? `"${part.kind}"` : `"${part.type}"`
  const message = `A ${what} part of a message of role ${role} was left out: this API cannot take it.`
  warnings.push({ setting: 'messages', message })
  return []
}

/** Returns the item that a custom part holds, if it is one of OpenAI's and not of another host. */
function customItem(custom: CustomPart, host: string): Item | undefined {
  const { kind, value, ...part } = custom
  const call = returningCustomCall(custom, host)
  if (call !== undefined) {
    // Made by chat completions, and so answered as any other call.
    const { name, input } = call.custom
    return { type: 'function_call', call_id: call.id, name, arguments: JSON.stringify({ input }) }
  }
  return kind.startsWith('openai.') && !isForeign(host, part) && isItem(value) ? value : undefined
}

function systemText(message: Message): string {
  return messageParts(message)
    .map((part) => {
      if (part.type !== 'text') throw misplaced(part, 'only text in a system message')
      return part.text
    })
    .join('')
}

/** Is a piece of a message of the user, or an item that stands beside it. */
type UserPiece = { readonly content: Fields } | { readonly item: Fields }

function userPiece(part: MessagePart, mapping: InputMapping): UserPiece[] {
  if (part.type === 'text') return [{ content: { type: 'input_text', text: part.text } }]
  if (part.type === 'file') return [{ content: { ...toInputFile(part) } }]
  if (part.type !== 'custom') throw misplaced(part, 'text, files and custom parts in a user message')
  const item = customItem(part, mapping.host)
  if (item === undefined) return leftOut(part, 'user', mapping).map((content) => ({ content }))
  return [item.type.startsWith('input_') ? { content: item } : { item }]
}

function userItems(message: Message, mapping: InputMapping): Fields[] {
  if (typeof message.content === 'string') return [{ type: 'message', role: 'user', content: message.content }]
  const pieces = message.content.flatMap((part) => userPiece(part, mapping))
  const items: Fields[] = []
  let content: Fields[] = []
  for (const piece of pieces) {
    if ('content' in piece) {
      if (content.length === 0) items.push({ type: 'message', role: 'user', content })
      content.push(piece.content)
    } else {
      content = []
      items.push(piece.item)
    }
  }
  return items
}

function resultOutput(part: ToolResultPart, { warnings }: InputMapping): string | readonly Fields[] {
  const text = (said: string): Fields => ({ type: 'input_text', text: said })
  const content = resultContent<Fields>(part, { text, file: (file) => ({ ...toInputFile(file) }) }, warnings)
  if (content === undefined) return outputText(part, warnings)
  return part.isError === true ? [text('Error:'), ...content] : content
}

function toolItems(message: Message, mapping: InputMapping): Fields[] {
  return messageParts(message).flatMap((part) => {
    if (part.type === 'tool-result')
      return [{ type: 'function_call_output', call_id: part.id, output: resultOutput(part, mapping) }]
    const item = part.type === 'custom' ? customItem(part, mapping.host) : undefined
    if (item === undefined) throw misplaced(part, 'tool results, and custom parts of this API, in a tool message')
    return [item]
  })
}

/** Without its encrypted content an item means one that the provider has kept; models whose words are shown take those. */
function reasoningItems(part: ReasoningPart, { host, isStored }: InputMapping): Fields[] {
  const state = stateFor(host, part)
  if (state?.type !== 'reasoning') return []
  const { encrypted_content: encrypted, content } = state.item
  const isWhole = typeof encrypted === 'string' || (Array.isArray(content) && content.length > 0)
  return isWhole || isStored ? [{ type: 'reasoning', ...state.item }] : []
}

/** Writes a text that this host said as the content it was; `before` is the item before it. */
function textItems(part: TextPart, before: Fields | undefined, host: string): Fields[] {
  const state = stateFor(host, part)
  if (state?.content === undefined)
    return part.text === '' ? [] : [{ type: 'message', role: 'assistant', content: part.text }]
  const said = state.content['type'] === 'refusal' ? { refusal: part.text } : { text: part.text }
  const content = { ...state.content, ...said }
  const isSame = isRecord(before) && before['id'] === state.item['id'] && Array.isArray(before['content'])
  if (!isSame || state.item['id'] === undefined) return [{ type: 'message', ...state.item, content: [content] }]
  // The item as it was when it was done goes with its last content.
  Object.assign(before, state.item, { content: [...(before['content'] as unknown[]), content] })
  return []
}

function answerItems(part: MessagePart, before: Fields | undefined, mapping: InputMapping): Fields[] {
  const { host, names } = mapping
  switch (part.type) {
    case 'text':
      return textItems(part, before, host)
    case 'reasoning':
      return reasoningItems(part, mapping)
    case 'tool-call': {
      const state = stateFor(host, part)?.item
      const call = { call_id: part.id, name: names.toWire(part.name), arguments: argumentsOf(part) }
      return [{ type: 'function_call', ...state, ...call }]
    }
    case 'source':
      // The citations themselves go back with the text.
      return []
    case 'custom': {
      if (part.kind === LOGPROBS_KIND) return []
      const item = customItem(part, host)
      return item === undefined ? leftOut(part, 'assistant', mapping) : [item]
    }
    case 'file': {
      const state = stateFor(host, part)
      return state === undefined
        ? leftOut(part, 'assistant', mapping)
        : [{ type: state.type, ...state.item, result: part.data }]
    }
    case 'tool-result':
      throw misplaced(part, 'no tool result in an assistant message')
  }
}

function assistantItems(message: Message, mapping: InputMapping): Fields[] {
  const items: Fields[] = []
  for (const part of messageParts(message)) items.push(...answerItems(part, items.at(-1), mapping))
  return items
}

function itemsOf(message: Message, mapping: InputMapping): Fields[] {
  switch (message.role) {
    case 'system':
      return [{ type: 'message', role: 'system', content: systemText(message) }]
    case 'user':
      return userItems(message, mapping)
    case 'assistant':
      return assistantItems(message, mapping)
    case 'tool':
      return toolItems(message, mapping)
  }
}

/**
 * Translates a conversation. The system messages it begins with are its instructions. Warnings about what was left out go to
 * `mapping.warnings`.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for a part in a message of the wrong role, `AIOS_UNSUPPORTED` for a file that the
 * API cannot carry
 */
export function toWireInput(messages: readonly Message[], mapping: InputMapping): WireInput {
  const spoken = messages.findIndex(({ role }) => role !== 'system')
  // Instructions alone are nothing to answer.
  const at = Math.max(spoken, 0)
  const instructions = messages.slice(0, at).map(systemText).join('\n\n')
  const input = messages.slice(at).flatMap((message) => itemsOf(message, mapping))
  return { instructions: instructions === '' ? undefined : instructions, input }
}
