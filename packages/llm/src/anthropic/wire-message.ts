import type { CoreWarning, FilePart, Message, MessagePart, ToolResultPart } from '@aios/kernel'
import { AiosError, messageParts } from '@aios/kernel/driver'
import { resultContent, resultText } from '../core/result-text.js'
import type { Block } from './block-state.js'
import { customBlock, leftOut, misplaced, toWireAnswer, wireId, type MessageMapping } from './wire-answer.js'
import { toWireFile } from './wire-file.js'

/** Is a conversation as the API takes it. */
export interface WireConversation {
  readonly system: readonly Block[]
  readonly messages: readonly WireTurn[]
}

/** Is all that one side says in a row. */
export interface WireTurn {
  readonly role: 'user' | 'assistant'
  readonly content: readonly Block[]
}

function systemBlocks(message: Message): Block[] {
  return messageParts(message).flatMap((part) => {
    if (part.type !== 'text') throw misplaced(part, 'only text in a system message')
    return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text }]
  })
}

function userBlocks(message: Message, mapping: MessageMapping): Block[] {
  return messageParts(message).flatMap((part) => {
    if (part.type === 'text') return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text }]
    if (part.type === 'file') return [toWireFile(part)]
    if (part.type !== 'custom') throw misplaced(part, 'text, files and custom parts in a user message')
    const block = customBlock(part, mapping.host)
    return block === undefined ? leftOut(part, 'user', mapping) : [block]
  })
}

const isBlank = ({ type, text }: Block): boolean => type === 'text' && String(text).trim() === ''

function resultBlock(part: ToolResultPart, { warnings }: MessageMapping): Block {
  // The API rejects anything but text in the result of a failure.
  const file = (each: FilePart): Block | undefined => (part.isError === true ? undefined : toWireFile(each))
  const blocks = resultContent<Block>(part, { text: (text) => ({ type: 'text', text }), file }, warnings)
  const content = blocks?.filter((block) => !isBlank(block)) ?? resultText(part, warnings)
  return {
    type: 'tool_result',
    tool_use_id: wireId(part.id),
    content,
    ...(part.isError === true ? { is_error: true } : {}),
  }
}

function toolBlocks(message: Message, mapping: MessageMapping): Block[] {
  return messageParts(message).map((part: MessagePart) => {
    if (part.type !== 'tool-result') throw misplaced(part, 'only tool results in a tool message')
    return resultBlock(part, mapping)
  })
}

function turnOf(message: Message, mapping: MessageMapping): WireTurn {
  if (message.role === 'assistant') return { role: 'assistant', content: toWireAnswer(message, mapping) }
  const content = message.role === 'tool' ? toolBlocks(message, mapping) : userBlocks(message, mapping)
  return { role: 'user', content }
}

/** The results of all calls of a turn have to stand at the beginning of the next one. */
function resultsFirst({ role, content }: WireTurn): WireTurn {
  const isResult = ({ type }: Block): boolean => type === 'tool_result'
  return { role, content: [...content.filter(isResult), ...content.filter((block) => !isResult(block))] }
}

/** Joins what one side says in a row, as the API does; a message that says nothing is none. */
function joined(turns: readonly WireTurn[]): WireTurn[] {
  const joint: WireTurn[] = []
  for (const turn of turns) {
    const last = joint.at(-1)
    if (turn.content.length === 0) continue
    if (last?.role === turn.role) joint.push({ role: turn.role, content: [...joint.pop()!.content, ...turn.content] })
    else joint.push(turn)
  }
  return joint.map(resultsFirst)
}

/** The API rejects the beginning of an answer that ends in white space. */
function trimmedEnd(turns: readonly WireTurn[], warnings: CoreWarning[]): readonly WireTurn[] {
  const last = turns.at(-1)
  const block = last?.content.at(-1)
  if (last?.role !== 'assistant' || block?.type !== 'text') return turns
  const text = String(block['text'])
  if (text.trimEnd() === text) return turns
  warnings.push({ setting: 'messages', message: 'White space at the end of the last message was left out.' })
  const content = [...last.content.slice(0, -1), { ...block, text: text.trimEnd() }]
  return [...turns.slice(0, -1), { role: 'assistant', content }]
}

/**
 * Translates a conversation. Its system messages all go to the top. Warnings about what was left out go to `mapping.warnings`.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for a part in a message of the wrong role, or if nothing is left to answer;
 * `AIOS_UNSUPPORTED` for a file that the API cannot carry
 */
export function toWireConversation(messages: readonly Message[], mapping: MessageMapping): WireConversation {
  const spoken = messages.findIndex(({ role }) => role !== 'system')
  if (spoken !== -1 && messages.slice(spoken).some(({ role }) => role === 'system')) {
    const message = 'A system message in the middle of the conversation was moved to its top.'
    mapping.warnings.push({ setting: 'messages', message })
  }
  const system = messages.filter(({ role }) => role === 'system').flatMap(systemBlocks)
  const turns = messages.filter(({ role }) => role !== 'system').map((message) => turnOf(message, mapping))
  const said = joined(turns)
  if (turns.length > 0 && said.length === 0) {
    const expected = 'Expected a message with content besides those of the system, got white space only.'
    throw new AiosError('AIOS_LLM_BAD_REQUEST', `${expected} Add a user message.`)
  }
  return { system, messages: trimmedEnd(said, mapping.warnings) }
}
