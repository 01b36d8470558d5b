import type { ToolCallPart } from '@aios/kernel'
import { CallIds } from '../core/call-ids.js'
import type { AnswerReading } from '../core/protocol.js'
import { parseToolInput } from '../tool-call/tool-input.js'
import type { AnsweredCall } from './answer.js'

/**
 * Makes the parts of the tool calls of one answer. They have no numbers, so that one with the id, name and arguments of another
 * before it is that one, sent again.
 */
export class CalledTools {
  readonly #names: AnswerReading['names']
  readonly #ids: CallIds

  constructor({ names, makeId }: AnswerReading) {
    this.#names = names
    this.#ids = new CallIds(makeId)
  }

  /** Number of calls seen so far. */
  get size(): number {
    return this.#ids.size
  }

  /** Returns the part of a call, or undefined for one that came before. */
  read(call: AnsweredCall): ToolCallPart | undefined {
    const { name, inputText } = call
    const said = `${name ?? ''} ${inputText}`
    if (this.#ids.isRepeated(call.id, said)) return undefined
    const id = this.#ids.take(call.id, said)
    if (name !== undefined)
      return { type: 'tool-call', id, name: this.#names.fromWire(name), ...parseToolInput(inputText) }
    return { type: 'tool-call', id, name: '', input: undefined, inputText, invalid: 'The model named no tool.' }
  }
}
