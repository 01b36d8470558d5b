import type { StreamPart, ToolCallPart } from '@aios/kernel'
import { CallIds } from '../core/call-ids.js'
import type { AnswerReading } from '../core/protocol.js'
import { isRecord } from '../core/record.js'
import { parseToolInput } from '../tool-call/tool-input.js'
import { callOrigin } from './call-origin.js'
import { customCallPart } from './custom-call.js'
import type { CallFragment } from './completion.js'

interface OpenCall {
  readonly id: string
  /** The id as the server sent it, if it did. */
  readonly wireId: string | undefined
  name: string | undefined
  inputText: string
  readonly isCustom: boolean
  extra: unknown
}

/** Makes the part of a complete tool call. `name` is the tool's own, not the provider's. */
export function toolCallPart(call: {
  readonly id: string
  readonly name: string | undefined
  readonly inputText: string
}): ToolCallPart {
  const { id, name, inputText } = call
  if (name !== undefined) return { type: 'tool-call', id, name, ...parseToolInput(inputText) }
  return { type: 'tool-call', id, name: '', input: undefined, inputText, invalid: 'The model named no tool.' }
}

/** A second id, together with a name, at an index in use is a new call; an id alone may be a server changing its mind. */
function isAnother(call: OpenCall, { id, name }: CallFragment): boolean {
  return id !== undefined && name !== undefined && call.wireId !== undefined && call.wireId !== id
}

/** Some servers send one whole call after the other, all at one index and without ids: a name after whole arguments is a new call. */
function isNext(call: OpenCall, { id, inputText }: CallFragment, name: string | undefined): boolean {
  if (id !== undefined || name === undefined || call.name === undefined) return false
  if (name === call.name && !inputText.trimStart().startsWith('{')) return false
  return call.inputText.trimEnd().endsWith('}') && isRecord(parseToolInput(call.inputText).input)
}

/**
 * Puts the fragments of streamed tool calls together. Some servers send a whole call in one fragment, omit ids or
 * indexes, or give every call the index 0.
 */
export class ToolFragments {
  readonly #names: AnswerReading['names']
  readonly #host: string
  readonly #ids: CallIds
  readonly #calls: OpenCall[] = []
  /** The call that each index means now. */
  readonly #byIndex = new Map<number, OpenCall>()

  constructor(reading: AnswerReading) {
    this.#names = reading.names
    this.#host = reading.host
    this.#ids = new CallIds((n) => reading.makeId(n))
  }

  /** Number of calls seen so far. */
  get size(): number {
    return this.#calls.length
  }

  /**
   * Takes one fragment and returns the parts it makes.
   *
   * @param fragment - the next piece of a call
   * @param position - its place in the chunk: its index, where it has none
   */
  read(fragment: CallFragment, position: number): StreamPart[] {
    const index = fragment.index ?? position
    const current = this.#byIndex.get(index)
    const name = this.#nameOf(fragment)
    const isNew = current === undefined || isAnother(current, fragment) || isNext(current, fragment, name)
    const call = isNew ? this.#begin(index, fragment) : current
    const unsent = call.name === undefined ? call.inputText + fragment.inputText : fragment.inputText
    call.inputText += fragment.inputText
    call.extra = fragment.extra ?? call.extra
    const isNamed = call.name === undefined && name !== undefined
    call.name ??= name
    if (call.isCustom) return []
    const parts: StreamPart[] = isNamed ? [{ type: 'tool-input-start', id: call.id, name }] : []
    if (call.name !== undefined && unsent !== '') parts.push({ type: 'tool-input-delta', id: call.id, text: unsent })
    return parts
  }

  /** Ends all calls, in the order in which they began. */
  end(): StreamPart[] {
    return this.#calls.flatMap((call): StreamPart[] => {
      if (call.isCustom) return [{ type: 'part', part: customCallPart(call, this.#host) }]
      const part = { ...toolCallPart(call), ...callOrigin(this.#host, call.extra) }
      return call.name === undefined ? [part] : [{ type: 'tool-input-end', id: call.id }, part]
    })
  }

  /** Tools that take text are not among those of the request, so their names are not mapped. */
  #nameOf({ name, isCustom }: CallFragment): string | undefined {
    return name === undefined || isCustom === true ? name : this.#names.fromWire(name)
  }

  #begin(index: number, { id, isCustom = false }: CallFragment): OpenCall {
    const begun = { name: undefined, inputText: '', isCustom, extra: undefined }
    const call: OpenCall = { id: this.#ids.take(id), wireId: id, ...begun }
    this.#calls.push(call)
    this.#byIndex.set(index, call)
    return call
  }
}
