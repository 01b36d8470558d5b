import type { CustomPart, FilePart, MessagePart, ProviderBag, SourcePart, ToolCallPart } from '@aios/kernel'
import type { CallIds } from '../../core/call-ids.js'
import type { CitedSources } from '../../core/cited-sources.js'
import type { AnswerReading } from '../../core/protocol.js'
import { isRecord } from '../../core/record.js'
import { logprobParts, readLogprobs } from '../token-logprobs.js'
import { toolCallPart } from '../tool-fragments.js'
import { fieldsBeside, stateOf, type Item } from './item-state.js'

type Fields = Readonly<Record<string, unknown>>

/** Says how to read the items of one answer. */
export interface ItemReading extends AnswerReading {
  readonly sources: CitedSources
  readonly ids: CallIds
}

const records = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : [])
const textAt = (fields: Fields, name: string): string => (typeof fields[name] === 'string' ? fields[name] : '')

/** Tells whether an item is a call of one of the caller's tools. */
export function isCall(item: Item): boolean {
  return item.type === 'function_call'
}

/** Returns the contents of a message. */
export function contentsOf(item: Item): readonly Fields[] {
  return records(item['content'])
}

/** Returns what one content of a message says: text, or why the model refuses. */
export function contentText(content: Fields): string {
  return textAt(content, content['type'] === 'refusal' ? 'refusal' : 'text')
}

/** Returns what the text of one content of a message has to bring back. */
export function contentState(item: Fields, content: Fields, host: string): ProviderBag {
  return stateOf(host, {
    type: 'message',
    item: fieldsBeside(item, 'type', 'content'),
    content: fieldsBeside(content, 'text', 'refusal', 'logprobs'),
  })
}

/** Returns what stands beside the text of a content: the pages it cites, and how likely its tokens were. */
export function besideText(content: Fields, { sources }: ItemReading): (SourcePart | CustomPart)[] {
  return [...sources.read(content['annotations']), ...logprobParts(readLogprobs(content['logprobs']))]
}

/** Returns the pieces of what the model thought: summaries, or its own words where a server shows them. */
export function thoughtsOf(item: Item): readonly string[] {
  return [...records(item['summary']), ...contentsOf(item)].map((piece) => textAt(piece, 'text'))
}

/** Stands between two pieces of what the model thought. */
export const BETWEEN_THOUGHTS = '\n\n'

/** Returns what reasoning has to bring back: all of it, since its text is put together out of pieces. */
export function reasoningState(item: Item, host: string): ProviderBag {
  return stateOf(host, { type: item.type, item: fieldsBeside(item, 'type') })
}

/**
 * Makes the part of a call.
 *
 * @param inputText - what was streamed of its arguments, for a server that does not repeat them
 */
export function callPart(
  item: Item,
  { id, name, inputText = '' }: { readonly id: string; readonly name: string; readonly inputText?: string },
  host: string,
): ToolCallPart {
  const opaque = stateOf(host, { type: item.type, item: fieldsBeside(item, 'type', 'call_id', 'name', 'arguments') })
  const text = textAt(item, 'arguments') || inputText
  return { ...toolCallPart({ id, name: name === '' ? undefined : name, inputText: text }), opaque }
}

/** Makes the part of an item that is no text, no reasoning and no call: a picture, or whatever the provider's own tools did. */
export function keptPart(item: Item, host: string): FilePart | CustomPart {
  const { result, output_format: format } = item
  if (item.type === 'image_generation_call' && typeof result === 'string' && result !== '') {
    const mediaType = `image/${typeof format === 'string' ? format : 'png'}`
    const opaque = stateOf(host, { type: item.type, item: fieldsBeside(item, 'type', 'result') })
    return { type: 'file', mediaType, data: result, opaque }
  }
  return {
    type: 'custom',
    kind: `openai.${item.type}`,
    value: item,
    opaque: stateOf(host, { type: item.type, item: {} }),
  }
}

function messageParts(item: Item, reading: ItemReading): MessagePart[] {
  return contentsOf(item).flatMap((content) => {
    const text = contentText(content)
    const beside = besideText(content, reading)
    if (text === '') return beside
    return [{ type: 'text' as const, text, opaque: contentState(item, content, reading.host) }, ...beside]
  })
}

/** Returns the id of a call, and its name as the caller knows it. */
export function callNaming(item: Item, { names, ids }: ItemReading): { readonly id: string; readonly name: string } {
  const name = textAt(item, 'name')
  return { id: ids.take(textAt(item, 'call_id')), name: name === '' ? '' : names.fromWire(name) }
}

/** Translates one item of a whole answer. */
export function itemParts(item: Item, reading: ItemReading): MessagePart[] {
  const { host } = reading
  if (item.type === 'message') return messageParts(item, reading)
  if (item.type === 'reasoning') {
    const text = thoughtsOf(item).join(BETWEEN_THOUGHTS)
    return [{ type: 'reasoning', text, opaque: reasoningState(item, host) }]
  }
  return [isCall(item) ? callPart(item, callNaming(item, reading), host) : keptPart(item, host)]
}

/** Tells whether the model refused to answer in an item. */
export function isRefusal(item: Item): boolean {
  return item.type === 'message' && contentsOf(item).some(({ type }) => type === 'refusal')
}
