import type { StreamPart, ToolCallPart } from '@aios/kernel'
import { CallIds } from '../core/call-ids.js'
import type { AnswerReading } from '../core/protocol.js'
import { jsonText } from '../core/json-text.js'
import { isRecord } from '../core/record.js'
import { parseToolInput } from '../tool-call/tool-input.js'
import { PartialArgs } from './partial-args.js'
import { partOrigin, signatureOf, type PartOrigin } from './part-origin.js'
import type { WirePart } from './wire-content.js'

type Fields = Readonly<Record<string, unknown>>

interface OpenCall {
  readonly id: string
  readonly wireId: string | undefined
  readonly name: string
  readonly args: PartialArgs
  signature: string | undefined
}

const UNNAMED = { input: undefined, invalid: 'The model named no tool.' }

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The API has arguments as an object; a server that sends their text is believed. */
function argumentsText(args: unknown): string {
  return typeof args === 'string' ? args : jsonText(args ?? {})
}

/** Reads the function calls of one answer: whole, as the Gemini API sends them, or in pieces, as some servers do. */
export class FunctionCalls {
  readonly #reading: AnswerReading
  readonly #ids: CallIds
  #open: OpenCall | undefined

  constructor(reading: AnswerReading) {
    this.#reading = reading
    this.#ids = new CallIds((n) => reading.makeId(n))
  }

  /** Number of calls seen so far. */
  get size(): number {
    return this.#ids.size
  }

  /** Takes one part with a `functionCall` and returns the parts it makes. */
  read(part: WirePart): StreamPart[] {
    const call = isRecord(part['functionCall']) ? part['functionCall'] : {}
    const name = text(call['name'])
    if (name === undefined && this.#open !== undefined) return this.#goOn(this.#open, call, part)
    const before = this.end()
    // The end of a call that has ended already.
    if (Object.keys(call).length === 0) return before
    if (call['willContinue'] === true || call['partialArgs'] !== undefined) {
      return [...before, ...this.#begin(call, part)]
    }
    const whole = this.whole(part)
    return whole === undefined ? before : [...before, ...shown(whole)]
  }

  /** Ends the call that is open, if there is one. */
  end(): StreamPart[] {
    const call = this.#open
    this.#open = undefined
    if (call === undefined) return []
    const { id, wireId, name, signature, args } = call
    const inputText = args.text()
    const opaque = this.#opaque({ id: wireId, signature })
    const misplaced = args.unreadable
    const input =
      misplaced === undefined
        ? parseToolInput(inputText)
        : { input: undefined, inputText, invalid: `A piece of the arguments belongs nowhere: ${misplaced}.` }
    const [, ...rest] = shown({ type: 'tool-call', id, name, ...input, ...(name === '' ? UNNAMED : {}), ...opaque })
    return rest
  }

  /** Translates a call that came whole; undefined if it was only sent again. */
  whole(part: WirePart): ToolCallPart | undefined {
    const call = isRecord(part['functionCall']) ? part['functionCall'] : {}
    const name = text(call['name'])
    const inputText = argumentsText(call['args'])
    const wireId = text(call['id'])
    const told = JSON.stringify([name, inputText])
    if (this.#ids.isRepeated(wireId, told)) return undefined
    const id = this.#ids.take(wireId, told)
    const opaque = this.#opaque({ id: id === wireId ? wireId : undefined, signature: signatureOf(part) })
    if (name === undefined) return { type: 'tool-call', id, name: '', inputText, ...UNNAMED, ...opaque }
    return { type: 'tool-call', id, name: this.#reading.names.fromWire(name), ...parseToolInput(inputText), ...opaque }
  }

  #begin(call: Fields, part: WirePart): StreamPart[] {
    const wireId = text(call['id'])
    const wireName = text(call['name'])
    const id = this.#ids.take(wireId)
    const name = wireName === undefined ? '' : this.#reading.names.fromWire(wireName)
    const signature = signatureOf(part)
    this.#open = { id, wireId: id === wireId ? wireId : undefined, name, args: new PartialArgs(), signature }
    return [{ type: 'tool-input-start', id, name }, ...this.#goOn(this.#open, call, part)]
  }

  #goOn(open: OpenCall, call: Fields, part: WirePart): StreamPart[] {
    open.signature ??= signatureOf(part)
    if (isRecord(call['args'])) open.args.addAll(call['args'])
    if (Array.isArray(call['partialArgs'])) for (const piece of call['partialArgs']) open.args.add(piece)
    return call['willContinue'] === true ? [] : this.end()
  }

  #opaque(origin: PartOrigin): Pick<ToolCallPart, 'opaque'> {
    if (origin.id === undefined && origin.signature === undefined) return {}
    return { opaque: partOrigin(this.#reading.host, origin) }
  }
}

/** Shows a call whose arguments are all there. */
function shown(call: ToolCallPart): StreamPart[] {
  const { id, name, inputText } = call
  return [
    { type: 'tool-input-start', id, name },
    ...(inputText === '' ? [] : [{ type: 'tool-input-delta' as const, id, text: inputText }]),
    { type: 'tool-input-end', id },
    call,
  ]
}
