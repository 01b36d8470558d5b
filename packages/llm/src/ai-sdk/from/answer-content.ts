import type { CustomPart, FilePart, MessagePart, SourcePart, ToolCallPart } from '@aios/kernel'
import type { AnswerReading } from '../../core/protocol.js'
import { isRecord } from '../../core/record.js'
import { inputTextOf, parseToolInput } from '../../tool-call/tool-input.js'
import { KIND, ownedState, stateOf } from '../provider-state.js'

type Fields = Readonly<Record<string, unknown>>

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Keeps content that has no part of its own, whole. `name` is what the AI SDK calls its type. */
export function customPart(name: string, value: Fields, provider: string): CustomPart {
  return { type: 'custom', kind: `${KIND}${name}`, value, ...ownedState(provider, value['providerMetadata']) }
}

function dataOf(data: unknown): Uint8Array | string | undefined {
  if (typeof data === 'string' || data instanceof Uint8Array) return data
  if (data instanceof URL) return data.href
  if (!isRecord(data)) return undefined
  return data['type'] === 'url' ? dataOf(data['url']) : dataOf(data['data'])
}

function filePart(content: Fields, provider: string): FilePart | CustomPart {
  const data = dataOf(content['data'])
  if (data === undefined) return customPart('file', content, provider)
  const { mediaType, filename, providerMetadata } = content
  return {
    type: 'file',
    mediaType: textOf(mediaType),
    data,
    ...(typeof filename === 'string' ? { filename } : {}),
    ...stateOf(provider, providerMetadata),
  }
}

function sourcePart({ url, title, providerMetadata }: Fields, provider: string): SourcePart {
  return {
    type: 'source',
    ...(typeof url === 'string' ? { url } : {}),
    ...(typeof title === 'string' ? { title } : {}),
    ...stateOf(provider, providerMetadata),
  }
}

/** Says how to read the content of one answer, by one provider. */
export interface ContentReading extends AnswerReading {
  readonly provider: string
  /** Returns the id that a call gets, which no other of the answer has; undefined for one that was there already. */
  idOf(call: Fields): string | undefined
}

/** Translates a call of one of the caller's tools. */
export function callPart(content: Fields, reading: ContentReading): ToolCallPart[] {
  const id = reading.idOf(content)
  if (id === undefined) return []
  const { toolName, input, providerMetadata } = content
  const inputText = inputTextOf(input)
  const state = stateOf(reading.provider, providerMetadata)
  const parsed = parseToolInput(inputText)
  if (typeof toolName === 'string' && toolName !== '')
    return [{ type: 'tool-call', id, name: reading.names.fromWire(toolName), ...parsed, ...state }]
  return [
    { type: 'tool-call', id, name: '', input: undefined, inputText, invalid: 'The model named no tool.', ...state },
  ]
}

/** Lists the sources that citations of a text name. */
export function citedParts(citations: unknown, provider: string): SourcePart[] {
  if (!Array.isArray(citations)) return []
  return citations.filter(isRecord).flatMap(({ source }) => (isRecord(source) ? [sourcePart(source, provider)] : []))
}

/** Translates content that comes whole, also inside of a stream. A call of a tool that the provider runs is not the caller's. */
export function contentParts(
  content: Fields,
  reading: ContentReading,
): (ToolCallPart | FilePart | SourcePart | CustomPart)[] {
  const { provider } = reading
  const type = textOf(content['type'])
  if (type === 'file') return [filePart(content, provider)]
  if (type === 'source') return [sourcePart(content, provider)]
  if (type === 'tool-call' && content['providerExecuted'] !== true) return callPart(content, reading)
  return [customPart(type, content, provider)]
}

/** Translates the content of a whole answer. */
export function answerParts(content: Fields, reading: ContentReading): MessagePart[] {
  const { type, text, citations, providerMetadata } = content
  if (type !== 'text' && type !== 'reasoning') return contentParts(content, reading)
  const state = stateOf(reading.provider, providerMetadata)
  const said: MessagePart[] =
    textOf(text) === '' && state.opaque === undefined ? [] : [{ type, text: textOf(text), ...state }]
  return [...said, ...citedParts(citations, reading.provider)]
}
