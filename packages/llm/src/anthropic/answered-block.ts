import type { MessagePart, ToolCallPart } from '@aios/kernel'
import type { AnswerReading } from '../core/protocol.js'
import type { CallIds } from '../core/call-ids.js'
import { jsonText } from '../core/json-text.js'
import { isRecord } from '../core/record.js'
import { parseToolInput } from '../tool-call/tool-input.js'
import { fieldsBeside, stateOf, type Block } from './block-state.js'
import type { CitedSources } from '../core/cited-sources.js'

/** Says how to read the blocks of one answer. */
export interface BlockReading extends AnswerReading {
  readonly sources: CitedSources
  readonly ids: CallIds
}

const textAt = (block: Block, name: string): string => (typeof block[name] === 'string' ? block[name] : '')

/** Tells whether a block is a call of one of the caller's tools; one that names no tool is kept as it is. */
export function isCall(block: Block): boolean {
  return block.type === 'tool_use' && typeof block['name'] === 'string' && block['name'] !== ''
}

/** Returns the arguments as text. The API parses them; a server that could not sends the text itself. */
function inputTextOf(input: unknown): string {
  if (typeof input === 'string') return input
  return isRecord(input) ? jsonText(input) : ''
}

/** Makes the part of a call. */
export function callPart(
  block: Block,
  { id, name, inputText }: { readonly id: string; readonly name: string; readonly inputText: string },
  host: string,
): ToolCallPart {
  const opaque = stateOf(host, { type: 'tool_use', fields: fieldsBeside(block) })
  return { type: 'tool-call', id, name, ...parseToolInput(inputText), ...(opaque === undefined ? {} : { opaque }) }
}

/** Makes the part of a block that no other kind of part can hold: what the provider's own tools did, and what is new. */
export function keptPart(block: Block, host: string): MessagePart & { readonly type: 'custom' } {
  return { type: 'custom', kind: `anthropic.${block.type}`, value: block, opaque: { anthropic: { host } } }
}

function spokenPart(block: Block, host: string): MessagePart[] {
  const isText = block.type === 'text'
  const text = textAt(block, isText ? 'text' : 'thinking')
  const opaque = stateOf(host, { type: block.type, fields: fieldsBeside(block) })
  if (text === '' && opaque === undefined) return []
  return [{ type: isText ? 'text' : 'reasoning', text, ...(opaque === undefined ? {} : { opaque }) }]
}

/** Translates one block of a whole answer. */
export function blockParts(block: Block, reading: BlockReading): MessagePart[] {
  const { host, names, ids, sources } = reading
  switch (block.type) {
    case 'text':
      return [...spokenPart(block, host), ...sources.read(block['citations'])]
    case 'thinking':
    case 'redacted_thinking':
      return spokenPart(block, host)
    default: {
      if (!isCall(block)) return [keptPart(block, host)]
      const call = {
        id: ids.take(textAt(block, 'id')),
        name: names.fromWire(textAt(block, 'name')),
        inputText: inputTextOf(block['input']),
      }
      return [callPart(block, call, host)]
    }
  }
}
