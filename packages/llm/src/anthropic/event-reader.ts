import { AiosError, describeValue, type StreamPart } from '@aios/kernel/driver'
import { CallIds } from '../core/call-ids.js'
import type { AnswerReader, AnswerReading } from '../core/protocol.js'
import { isRecord } from '../core/record.js'
import { isCall, type BlockReading } from './answered-block.js'
import type { Block } from './block-state.js'
import { CitedSources } from '../core/cited-sources.js'
import { fromStopReason } from './finish.js'
import { isBlock } from './message-reply.js'
import { MessageNote } from './message-note.js'
import { openBlock, type OpenBlock } from './open-block.js'
import { fromWireUsage, laterUsage } from './usage.js'

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})
const textOrNone = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Where another model took over, the rest of the answer is its own. */
function fallenBack(block: Block): StreamPart[] {
  const model = block.type === 'fallback' ? textOrNone(fieldsOf(block['to'])['model']) : undefined
  return model === undefined ? [] : [{ type: 'response-metadata', model }]
}

/** Turns the events of one streamed message into parts. Pings, and events that are new, say nothing. */
export class EventReader implements AnswerReader {
  readonly #reading: BlockReading
  readonly #note = new MessageNote()
  /** The blocks that are open, by index; undefined for one that has ended. */
  readonly #blocks = new Map<unknown, OpenBlock | undefined>()
  #began: { readonly id: string | undefined } | undefined
  #stopReason: string | undefined
  #isOver = false
  #usage: Fields | undefined

  constructor(reading: AnswerReading) {
    this.#reading = { ...reading, sources: new CitedSources(), ids: new CallIds((n) => reading.makeId(n)) }
  }

  get isFinished(): boolean {
    return this.#isOver || this.#stopReason !== undefined
  }

  /**
   * Takes one event and returns the parts it makes. What comes after the end of the message is not read.
   *
   * @throws AiosError `AIOS_LLM_INCOMPLETE_STREAM` if another message begins before the end, `AIOS_LLM_SERVER` for a piece of
   * a block that never began
   */
  read(event: unknown): StreamPart[] {
    const fields = fieldsOf(event)
    if (this.#isOver) return []
    switch (fields['type']) {
      case 'message_start':
        return this.#begin(fieldsOf(fields['message']))
      case 'content_block_start':
        return this.#open(fields['index'], fields['content_block'])
      case 'content_block_delta':
        return this.#add(fields['index'], fieldsOf(fields['delta']))
      case 'content_block_stop':
        return this.#close(fields['index'])
      case 'message_delta':
        return this.#conclude(fields)
      case 'message_stop':
        this.#isOver = true
        return []
      default:
        return []
    }
  }

  end(): StreamPart[] {
    if (!this.isFinished) {
      const message = 'Expected message_stop before the end of the stream, got none. The answer is incomplete.'
      throw new AiosError('AIOS_LLM_INCOMPLETE_STREAM', message)
    }
    const open = [...this.#blocks.keys()].flatMap((index) => this.#close(index))
    const note = this.#note.parts().map((part): StreamPart => ({ type: 'part', part }))
    const finish = fromStopReason(this.#stopReason, this.#reading.ids.size > 0)
    return [...open, ...note, { type: 'finish', finish, usage: fromWireUsage(this.#usage) }]
  }

  /** A message that comes whole, as those out of the provider's own code do, has its content and its end in here. */
  #begin(message: Fields): StreamPart[] {
    const id = textOrNone(message['id'])
    if (this.#began !== undefined) return this.#begunAgain(id)
    this.#began = { id }
    this.#note.read(message)
    this.#stopReason = textOrNone(message['stop_reason'])
    const { output_tokens: output, ...input } = fieldsOf(message['usage'])
    // What has been written when a message begins is no number of the answer.
    const isWhole = this.#stopReason !== undefined && output !== undefined
    this.#usage = isRecord(message['usage']) ? laterUsage(undefined, isWhole ? message['usage'] : input) : undefined
    const model = textOrNone(message['model'])
    const content = Array.isArray(message['content']) ? (message['content'] as unknown[]) : []
    const described = { ...(id === undefined ? {} : { responseId: id }), ...(model === undefined ? {} : { model }) }
    return [
      ...(id === undefined && model === undefined ? [] : [{ type: 'response-metadata' as const, ...described }]),
      ...content.flatMap((block, index) => [...this.#open(index, block), ...this.#close(index)]),
    ]
  }

  /** Gateways that try again may send the beginning twice, or splice one answer into another. */
  #begunAgain(id: string | undefined): StreamPart[] {
    if (id === this.#began?.id && this.#blocks.size === 0) return []
    const message = 'Expected the rest of the message, got the beginning of another. The answer is incomplete.'
    throw new AiosError('AIOS_LLM_INCOMPLETE_STREAM', message)
  }

  #open(index: unknown, block: unknown): StreamPart[] {
    if (!isBlock(block) || this.#blocks.has(index)) return []
    const opened = openBlock(block, this.#idOf(block), this.#reading)
    const before = opened.isSpoken ? this.#closeSpoken() : []
    this.#blocks.set(index, opened)
    return [...before, ...opened.begin(), ...fallenBack(block)]
  }

  #add(index: unknown, delta: Fields): StreamPart[] {
    if (!this.#blocks.has(index)) {
      const message = `Expected a piece of a block that has begun, got one of block ${describeValue(index)}.`
      throw new AiosError('AIOS_LLM_SERVER', message)
    }
    return this.#blocks.get(index)?.add(delta) ?? []
  }

  #close(index: unknown): StreamPart[] {
    const block = this.#blocks.get(index)
    if (block === undefined) return []
    this.#blocks.set(index, undefined)
    return block.end()
  }

  #closeSpoken(): StreamPart[] {
    return [...this.#blocks].flatMap(([index, block]) => (block?.isSpoken === true ? this.#close(index) : []))
  }

  #conclude(event: Fields): StreamPart[] {
    const delta = fieldsOf(event['delta'])
    this.#note.read(event)
    this.#note.read(delta)
    this.#usage = laterUsage(this.#usage, event['usage'])
    this.#stopReason = textOrNone(delta['stop_reason']) ?? this.#stopReason
    return []
  }

  /** Returns an id of its own for a block: the provider's for a call, if it sent one that is new. */
  #idOf(block: Block): string {
    if (isCall(block)) return this.#reading.ids.take(textOrNone(block['id']))
    return String(this.#blocks.size + 1)
  }
}
