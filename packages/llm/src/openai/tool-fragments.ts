import type { StreamPart, ToolCallPart } from '@aios/kernel'
import { CallIds } from '../core/call-ids.js'
import type { AnswerReading } from '../core/protocol.js'
import { parseToolInput } from '../tool-call/tool-input.js'
import type { CallFragment } from './completion.js'

interface OpenCall {
  readonly id: string
  /** The id as the server sent it, if it did. */
  readonly wireId: string | undefined
  name: string | undefined
  inputText: string
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

/**
 * Puts the fragments of streamed tool calls together. Some servers send a whole call in one fragment, omit ids or
 * indexes, or give every call the index 0.
 */
export class ToolFragments {
  readonly #names: AnswerReading['names']
  readonly #ids: CallIds
  readonly #calls: OpenCall[] = []
  /** The call that each index means now. */
  readonly #byIndex = new Map<number, OpenCall>()

  constructor(naming: Pick<AnswerReading, 'names' | 'makeId'>) {
    this.#names = naming.names
    this.#ids = new CallIds((n) => naming.makeId(n))
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
    const call = current === undefined || isAnother(current, fragment) ? this.#begin(index, fragment) : current
    const unsent = call.name === undefined ? call.inputText + fragment.inputText : fragment.inputText
    call.inputText += fragment.inputText
    const parts: StreamPart[] = []
    if (call.name === undefined && fragment.name !== undefined) {
      call.name = this.#names.fromWire(fragment.name)
      parts.push({ type: 'tool-input-start', id: call.id, name: call.name })
    }
    if (call.name !== undefined && unsent !== '') parts.push({ type: 'tool-input-delta', id: call.id, text: unsent })
    return parts
  }

  /** Ends all calls, in the order in which they began. */
  end(): StreamPart[] {
    return this.#calls.flatMap((call): StreamPart[] => {
      const part = toolCallPart(call)
      return call.name === undefined ? [part] : [{ type: 'tool-input-end', id: call.id }, part]
    })
  }

  #begin(index: number, { id }: CallFragment): OpenCall {
    const call: OpenCall = { id: this.#ids.take(id), wireId: id, name: undefined, inputText: '' }
    this.#calls.push(call)
    this.#byIndex.set(index, call)
    return call
  }
}
