import {
  AiosError,
  type CoreWarning,
  type CustomPart,
  type Message,
  type MessagePart,
  messageParts,
  type ReasoningPart,
  type TextPart,
  type ToolCallPart,
} from '@aios/kernel/driver'
import { isRecord } from '../core/record.js'
import type { ToolNameMap } from '../tool-call/tool-name-map.js'
import { isForeign, stateFor, type Block } from './block-state.js'
import { NOTE_KIND } from './message-note.js'

/** Says how to translate the messages of one request. */
export interface MessageMapping {
  readonly names: ToolNameMap
  /** Host of the provider: state of any other stays behind. */
  readonly host: string
  readonly warnings: CoreWarning[]
}

/** Makes the error of a part in a message of the wrong role. */
export function misplaced(part: MessagePart, expected: string): AiosError {
  return new AiosError('AIOS_LLM_BAD_REQUEST', `Expected ${expected}, got a "${part.type}" part.`)
}

/** Returns an id that the API accepts: those of other providers may hold what it does not. */
export function wireId(id: string): string {
  return id.replace(/[^A-Za-z0-9_-]/g, '_') || '_'
}

function textBlocks(part: TextPart, { host }: MessageMapping): Block[] {
  // The API rejects a text of nothing but white space, which models do write between their calls.
  if (part.text.trim() === '') return []
  return [{ type: 'text', text: part.text, ...stateFor(host, part)?.fields }]
}

/** Without its signature the API rejects what a model thought. */
function reasoningBlocks(part: ReasoningPart, { host }: MessageMapping): Block[] {
  const state = stateFor(host, part)
  if (state?.type === 'redacted_thinking') return [{ type: state.type, ...state.fields }]
  if (state?.type !== 'thinking' || typeof state.fields['signature'] !== 'string') return []
  return [{ type: 'thinking', thinking: part.text, ...state.fields }]
}

/** The API takes nothing but an object as input. */
function callBlock(part: ToolCallPart, { names, host }: MessageMapping): Block {
  const input = part.invalid === undefined && isRecord(part.input) ? part.input : { unparsed: part.inputText }
  return {
    type: 'tool_use',
    id: wireId(part.id),
    name: names.toWire(part.name),
    input,
    ...stateFor(host, part)?.fields,
  }
}

/** Returns the block that a custom part holds, if it is one of Anthropic's and not of another host. */
export function customBlock(part: CustomPart, host: string): Block | undefined {
  const { kind, value } = part
  if (!kind.startsWith('anthropic.') || isForeign(host, part) || !isRecord(value)) return undefined
  return typeof value['type'] === 'string' ? (value as Block) : undefined
}

/** Warns of a part that the API cannot take. */
export function leftOut(part: MessagePart, role: string, { warnings }: MessageMapping): Block[] {
  const what = part.type === 'custom' ? `"${part.kind}"` : `"${part.type}"`
  const message = `A ${what} part of a message of role ${role} was left out: this API cannot take it.`
  warnings.push({ setting: 'messages', message })
  return []
}

function answerBlocks(part: MessagePart, mapping: MessageMapping): Block[] {
  switch (part.type) {
    case 'text':
      return textBlocks(part, mapping)
    case 'reasoning':
      return reasoningBlocks(part, mapping)
    case 'tool-call':
      return [callBlock(part, mapping)]
    case 'source':
      // The citations themselves go back with the text.
      return []
    case 'custom': {
      if (part.kind === NOTE_KIND) return []
      const block = customBlock(part, mapping.host)
      return block === undefined ? leftOut(part, 'assistant', mapping) : [block]
    }
    case 'tool-result':
      throw misplaced(part, 'no tool result in an assistant message')
    case 'file':
      return leftOut(part, 'assistant', mapping)
  }
}

/**
 * Translates an answer of a model, in the order in which it was given.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for a tool result, which belongs into a message of role `tool`
 */
export function toWireAnswer(message: Message, mapping: MessageMapping): Block[] {
  return messageParts(message).flatMap((part) => answerBlocks(part, mapping))
}
