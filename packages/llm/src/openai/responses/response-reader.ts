import { AiosError, type MessagePart, type StreamPart } from '@aios/kernel/driver'
import { CallIds } from '../../core/call-ids.js'
import { CitedSources } from '../../core/cited-sources.js'
import type { AnswerReader, AnswerReading } from '../../core/protocol.js'
import { isRecord } from '../../core/record.js'
import {
  besideText,
  BETWEEN_THOUGHTS,
  callNaming,
  contentsOf,
  contentState,
  contentText,
  isCall,
  isRefusal,
  keptPart,
  reasoningState,
  thoughtsOf,
  type ItemReading,
} from './answered-item.js'
import { fromStatus } from './finish.js'
import { isItem, type Item } from './item-state.js'
import { OpenCall } from './open-call.js'
import { SpokenBlock } from './spoken-block.js'
import { fromResponseUsage } from './usage.js'

type Fields = Readonly<Record<string, unknown>>

/** Is an item that is being streamed. */
interface OpenItem {
  readonly item: Item
  readonly call: OpenCall | undefined
  /** The contents of a message that are done, by index. */
  readonly contents: Map<unknown, Fields>
  /** The piece of what the model thinks that was said last. */
  thought: string | undefined
}

const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})
const textAt = (fields: Fields, name: string): string => (typeof fields[name] === 'string' ? fields[name] : '')
const shown = (part: Extract<MessagePart, { type: 'file' | 'source' | 'custom' }>): StreamPart => ({
  type: 'part',
  part,
})

/**
 * Turns the events of one streamed response into parts. Items are told apart by their place in the answer: some servers give
 * an item another id in each event. Events that are new say nothing; what they were about is in the item when it is done.
 */
export class ResponseReader implements AnswerReader {
  readonly #reading: ItemReading
  readonly #spoken = new SpokenBlock()
  /** The items that have begun, by index; undefined for one that is done. */
  readonly #items = new Map<unknown, OpenItem | undefined>()
  #isDescribed = false
  #isRefusal = false
  #response: Fields | undefined

  constructor(reading: AnswerReading) {
    this.#reading = { ...reading, sources: new CitedSources(), ids: new CallIds((n) => reading.makeId(n)) }
  }

  get isFinished(): boolean {
    return this.#response !== undefined
  }

  /** Takes one event and returns the parts it makes. What comes after the end of the response is not read. */
  read(event: unknown): StreamPart[] {
    const fields = fieldsOf(event)
    if (this.isFinished) return []
    switch (fields['type']) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        return this.#describe(fieldsOf(fields['response']))
      case 'response.output_item.added':
        return this.#begin(fields['output_index'], fields['item'])
      case 'response.output_item.done':
        return this.#done(fields['output_index'], fields['item'])
      case 'response.completed':
      case 'response.incomplete':
        return this.#conclude(fieldsOf(fields['response']))
      default:
        return this.#grow(fields)
    }
  }

  end(): StreamPart[] {
    if (this.#response === undefined) {
      const message = 'Expected response.completed before the end of the stream, got none. The answer is incomplete.'
      throw new AiosError('AIOS_LLM_INCOMPLETE_STREAM', message)
    }
    const answer = { hasToolCalls: this.#reading.ids.size > 0, isRefusal: this.#isRefusal }
    const finish = fromStatus(this.#response, answer)
    return [{ type: 'finish', finish, usage: fromResponseUsage(this.#response['usage']) }]
  }

  #describe(response: Fields): StreamPart[] {
    const id = textAt(response, 'id')
    const model = textAt(response, 'model')
    if (this.#isDescribed || (id === '' && model === '')) return []
    this.#isDescribed = true
    return [{ type: 'response-metadata', ...(id && { responseId: id }), ...(model && { model }) }]
  }

  #begin(index: unknown, item: unknown): StreamPart[] {
    if (!isItem(item) || this.#items.has(index)) return []
    const naming = isCall(item) ? callNaming(item, this.#reading) : undefined
    const call = naming === undefined ? undefined : new OpenCall(naming, this.#reading.host)
    this.#items.set(index, { item, call, contents: new Map(), thought: undefined })
    return call?.begin() ?? []
  }

  /** Adds a piece to an item that has begun. */
  #grow(event: Fields): StreamPart[] {
    const { output_index: index, delta } = event
    const open = this.#items.get(index)
    if (open === undefined) return []
    switch (event['type']) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return this.#say(open, event)
      case 'response.content_part.done':
        open.contents.set(event['content_index'], fieldsOf(event['part']))
        return []
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.#think(open, event)
      case 'response.function_call_arguments.delta':
        return open.call?.add(delta) ?? []
      default:
        return []
    }
  }

  #say({ item, contents }: OpenItem, event: Fields): StreamPart[] {
    const { output_index: index, content_index: content } = event
    return this.#spoken.say({
      key: contentKey(index, content),
      kind: 'text',
      text: textAt(event, 'delta'),
      state: () => contentState(item, contents.get(content) ?? { type: 'output_text' }, this.#reading.host),
    })
  }

  #think(open: OpenItem, event: Fields): StreamPart[] {
    const text = textAt(event, 'delta')
    const { output_index: index, summary_index: summary, content_index: content } = event
    const thought = `${String(summary)} ${String(content)}`
    const isNext = open.thought !== undefined && open.thought !== thought
    if (text === '') return []
    open.thought = thought
    const between = isNext ? BETWEEN_THOUGHTS : ''
    const piece = { key: thoughtKey(index), kind: 'reasoning' as const, state: () => undefined }
    return this.#spoken.say({ ...piece, text: between + text })
  }

  #done(index: unknown, item: unknown): StreamPart[] {
    if (!isItem(item)) return []
    const begun = this.#begin(index, item)
    const open = this.#items.get(index)
    if (open === undefined) return []
    this.#items.set(index, undefined)
    this.#isRefusal ||= isRefusal(item)
    return [...begun, ...this.#ended(index, item, open)]
  }

  #ended(index: unknown, item: Item, { call }: OpenItem): StreamPart[] {
    if (call !== undefined) return call.end(item)
    if (item.type === 'message') return this.#endMessage(index, item)
    return item.type === 'reasoning' ? this.#endReasoning(index, item) : [shown(keptPart(item, this.#reading.host))]
  }

  #endMessage(index: unknown, item: Item): StreamPart[] {
    const ends = contentsOf(item).flatMap((content, at) => {
      const key = contentKey(index, at)
      const opaque = contentState(item, content, this.#reading.host)
      const whole = { key, kind: 'text' as const, text: contentText(content), state: () => opaque }
      const said = this.#spoken.hasBegun(key) ? [] : this.#spoken.say(whole)
      return [...said, ...this.#spoken.end(key, opaque), ...besideText(content, this.#reading).map(shown)]
    })
    return [...ends, ...this.#spoken.leave()]
  }

  #endReasoning(index: unknown, item: Item): StreamPart[] {
    const key = thoughtKey(index)
    const opaque = reasoningState(item, this.#reading.host)
    const text = thoughtsOf(item).join(BETWEEN_THOUGHTS)
    const whole = { key, kind: 'reasoning' as const, text, state: () => undefined }
    const said = this.#spoken.hasBegun(key) ? [] : this.#spoken.say(whole)
    const end = this.#spoken.end(key, opaque)
    return [...said, ...(end.length > 0 ? end : this.#spoken.mark('reasoning', opaque))]
  }

  /** Ends what is still open, as the whole response says. One of which nothing was streamed is read from there. */
  #conclude(response: Fields): StreamPart[] {
    const described = this.#describe(response)
    this.#response = response
    const output: readonly unknown[] = Array.isArray(response['output']) ? response['output'] : []
    if (this.#items.size === 0) return [...described, ...output.flatMap((item, index) => this.#done(index, item))]
    const open = [...this.#items].flatMap(([index, one]) => {
      const whole = output[index as number]
      return one === undefined
        ? []
        : this.#done(index, isItem(whole) && whole.type === one.item.type ? whole : one.item)
    })
    return [...described, ...open]
  }
}

const contentKey = (index: unknown, content: unknown): string => `${String(index)} ${String(content)}`
const thoughtKey = (index: unknown): string => `${String(index)} thought`
