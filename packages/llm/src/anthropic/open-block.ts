import type { MessagePart, StreamPart } from '@aios/kernel'
import { jsonText } from '../core/json-text.js'
import { isRecord } from '../core/record.js'
import { callPart, isCall, keptPart, type BlockReading } from './answered-block.js'
import { fieldsBeside, stateOf, type Block } from './block-state.js'

type Fields = Readonly<Record<string, unknown>>

/** Is a content block that is being streamed. */
export interface OpenBlock {
  /** Whether it is text or reasoning, of which only one is open at a time. */
  readonly isSpoken: boolean
  /** Returns the parts of its beginning. */
  begin(): StreamPart[]
  /** Takes the next piece. */
  add(delta: Fields): StreamPart[]
  /** Returns the parts of its end. */
  end(): StreamPart[]
}

const textAt = (fields: Fields, name: string): string => (typeof fields[name] === 'string' ? fields[name] : '')

/** Is a text, or what the model thought; only citations and signatures are kept until it ends. */
class SpokenBlock implements OpenBlock {
  readonly isSpoken = true
  readonly #block: Block
  readonly #id: string
  readonly #reading: BlockReading
  readonly #kind: 'text' | 'reasoning'
  readonly #textField: 'text' | 'thinking'
  readonly #citations: unknown[]
  #signature: string

  constructor(block: Block, id: string, reading: BlockReading) {
    this.#block = block
    this.#id = id
    this.#reading = reading
    this.#kind = block.type === 'text' ? 'text' : 'reasoning'
    this.#textField = block.type === 'text' ? 'text' : 'thinking'
    this.#citations = Array.isArray(block['citations']) ? [...(block['citations'] as unknown[])] : []
    this.#signature = textAt(block, 'signature')
  }

  begin(): StreamPart[] {
    return [{ type: `${this.#kind}-start`, id: this.#id }, ...this.#said(textAt(this.#block, this.#textField))]
  }

  add(delta: Fields): StreamPart[] {
    if (delta['citation'] !== undefined) this.#citations.push(delta['citation'])
    this.#signature += textAt(delta, 'signature')
    return this.#said(textAt(delta, this.#textField))
  }

  end(): StreamPart[] {
    const { type } = this.#block
    const block = { ...this.#block, citations: this.#citations, signature: this.#signature }
    const opaque = stateOf(this.#reading.host, { type, fields: fieldsBeside(block) })
    const sources = this.#reading.sources.read(this.#citations)
    return [
      { type: `${this.#kind}-end`, id: this.#id, ...(opaque === undefined ? {} : { opaque }) },
      ...sources.map((part): StreamPart => ({ type: 'part', part })),
    ]
  }

  #said(text: string): StreamPart[] {
    return text === '' ? [] : [{ type: `${this.#kind}-delta`, id: this.#id, text }]
  }
}

/** Is a call of one of the caller's tools. */
class CallBlock implements OpenBlock {
  readonly isSpoken = false
  readonly #block: Block
  readonly #id: string
  readonly #name: string
  readonly #host: string
  #inputText = ''

  constructor(block: Block, id: string, { names, host }: BlockReading) {
    this.#block = block
    this.#id = id
    this.#name = names.fromWire(textAt(block, 'name'))
    this.#host = host
  }

  begin(): StreamPart[] {
    return [{ type: 'tool-input-start', id: this.#id, name: this.#name }]
  }

  add(delta: Fields): StreamPart[] {
    const text = textAt(delta, 'partial_json')
    this.#inputText += text
    return text === '' ? [] : [{ type: 'tool-input-delta', id: this.#id, text }]
  }

  end(): StreamPart[] {
    const input = this.#block['input']
    // A call out of the provider's own code comes whole, without a piece after its beginning.
    const isWhole = this.#inputText === '' && isRecord(input) && Object.keys(input).length > 0
    const whole = isWhole ? this.add({ partial_json: jsonText(input) }) : []
    const call = { id: this.#id, name: this.#name, inputText: this.#inputText }
    return [...whole, { type: 'tool-input-end', id: this.#id }, callPart(this.#block, call, this.#host)]
  }
}

/** Is a block that is kept as it is, once all of it is there. */
class KeptBlock implements OpenBlock {
  readonly isSpoken = false
  readonly #fields: Record<string, unknown>
  readonly #type: string
  readonly #host: string
  #inputText = ''

  constructor({ type, ...fields }: Block, { host }: BlockReading) {
    this.#type = type
    this.#fields = fields
    this.#host = host
  }

  begin(): StreamPart[] {
    return []
  }

  /** Grows by what every kind of piece brings: texts are appended, anything else replaces what was there. */
  add({ type: _, partial_json: json, ...delta }: Fields): StreamPart[] {
    if (typeof json === 'string') this.#inputText += json
    for (const [name, value] of Object.entries(delta)) {
      const before = this.#fields[name]
      if (value === null) continue
      this.#fields[name] = typeof value === 'string' && typeof before === 'string' ? before + value : value
    }
    return []
  }

  end(): StreamPart[] {
    const input = this.#inputText === '' ? {} : { input: parsed(this.#inputText) }
    const part: MessagePart & { readonly type: 'custom' } = keptPart(
      { type: this.#type, ...this.#fields, ...input },
      this.#host,
    )
    return [{ type: 'part', part }]
  }
}

/** The API takes nothing but an object back. */
function parsed(inputText: string): unknown {
  try {
    return JSON.parse(inputText) as unknown
  } catch {
    return { unparsed: inputText }
  }
}

const SPOKEN: ReadonlySet<string> = new Set(['text', 'thinking', 'redacted_thinking'])

/**
 * Opens a block.
 *
 * @param id - names it among the blocks of the answer; the call's own if it is one
 */
export function openBlock(block: Block, id: string, reading: BlockReading): OpenBlock {
  if (SPOKEN.has(block.type)) return new SpokenBlock(block, id, reading)
  return isCall(block) ? new CallBlock(block, id, reading) : new KeptBlock(block, reading)
}
