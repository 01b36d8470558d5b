import { AiosError, type StreamPart } from '@aios/kernel/driver'
import type { AnswerReader, AnswerReading } from '../core/protocol.js'
import { isText, toAnswerPart } from './answer-part.js'
import { checkPrompt } from './answer-refusal.js'
import { CandidateMetadata } from './candidate-metadata.js'
import { fromWireFinish, isOrdinary } from './finish.js'
import { FunctionCalls } from './function-calls.js'
import { readGenerated, type Generated } from './generated.js'
import { partOrigin, signatureOf } from './part-origin.js'
import { fromWireUsage } from './usage.js'
import type { WirePart } from './wire-content.js'

type Block = { readonly type: 'text' | 'reasoning'; readonly id: string }

const COUNTS = { 'text-delta': 'candidatesTokenCount', 'reasoning-delta': 'thoughtsTokenCount' } as const

/** Turns the chunks of one streamed answer into parts. It keeps no text: what a chunk brings leaves with it. */
export class GenerateReader implements AnswerReader {
  readonly #host: string
  readonly #calls: FunctionCalls
  readonly #metadata = new CandidateMetadata()
  #block: Block | undefined
  #blocks = 0
  #isDescribed = false
  #finishReason: string | undefined
  #usage: Generated['usage']
  /** Tokens that the provider has counted so far, which it does as it streams. */
  readonly #written = { 'text-delta': 0, 'reasoning-delta': 0 }

  constructor(reading: AnswerReading) {
    this.#host = reading.host
    this.#calls = new FunctionCalls(reading)
  }

  /** Tells whether the model is done; only usage can still come. */
  get isFinished(): boolean {
    return this.#finishReason !== undefined
  }

  /**
   * Takes one chunk, as it came, and returns the parts it makes.
   *
   * @throws AiosError `AIOS_LLM_CONTENT_FILTER` if the prompt was refused
   */
  read(chunk: unknown): StreamPart[] {
    const generated = readGenerated(chunk)
    checkPrompt(generated)
    const { usage, candidate, parts, finishReason } = generated
    if (usage !== undefined) this.#usage = { ...this.#usage, ...usage }
    this.#finishReason ??= finishReason
    const said = parts.flatMap((part) => this.#readPart(part))
    const sources = candidate === undefined ? [] : this.#metadata.read(candidate)
    const cited = sources.map((part): StreamPart => ({ type: 'part', part }))
    return [...this.#describe(generated), ...this.#counted(said, usage), ...this.#apart(cited)]
  }

  /**
   * Returns the closing parts.
   *
   * @throws AiosError `AIOS_LLM_INCOMPLETE_STREAM` if the model was not done
   */
  end(): StreamPart[] {
    if (this.#finishReason === undefined) {
      const message = 'Expected a finish reason before the end of the stream, got none. The answer is incomplete.'
      throw new AiosError('AIOS_LLM_INCOMPLETE_STREAM', message)
    }
    const open = [...this.#closeBlock(), ...this.#calls.end()]
    const finish = fromWireFinish(this.#finishReason, this.#calls.size > 0)
    const besides = this.#metadata.end(isOrdinary(finish)).map((part): StreamPart => ({ type: 'part', part }))
    return [...open, ...besides, { type: 'finish', finish, usage: fromWireUsage(this.#usage) }]
  }

  #describe({ id, model }: Generated): StreamPart[] {
    if (this.#isDescribed || (id === undefined && model === undefined)) return []
    this.#isDescribed = true
    const described = { ...(id === undefined ? {} : { responseId: id }), ...(model === undefined ? {} : { model }) }
    return [{ type: 'response-metadata', ...described }]
  }

  /** Says how many tokens the first delta of each kind was made of, if the provider told. */
  #counted(parts: StreamPart[], usage: Generated['usage']): StreamPart[] {
    const seen = new Set<string>()
    return parts.map((part) => {
      if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') return part
      const total = usage?.[COUNTS[part.type]]
      const written = this.#written[part.type]
      if (typeof total !== 'number' || !(total >= written)) return part
      if (seen.has(part.type)) return { ...part, tokens: 0 }
      seen.add(part.type)
      this.#written[part.type] = total
      return { ...part, tokens: total - written }
    })
  }

  #readPart(part: WirePart): StreamPart[] {
    if (part['functionCall'] !== undefined) return [...this.#closeBlock(), ...this.#calls.read(part)]
    if (!isText(part)) return this.#apart([{ type: 'part', part: toAnswerPart(part, this.#host) }])
    return this.#readText(part['thought'] === true ? 'reasoning' : 'text', String(part['text']), signatureOf(part))
  }

  /** The signature of a text comes with its last piece, which is often empty. */
  #readText(type: Block['type'], text: string, signature: string | undefined): StreamPart[] {
    if (text === '' && signature === undefined) return []
    const parts = this.#calls.end()
    if (this.#block?.type !== type) {
      parts.push(...this.#closeBlock())
      this.#blocks += 1
      this.#block = { type, id: String(this.#blocks) }
      parts.push({ type: `${type}-start`, id: this.#block.id })
    }
    if (text !== '') parts.push({ type: `${type}-delta`, id: this.#block.id, text })
    return signature === undefined ? parts : [...parts, ...this.#closeBlock(signature)]
  }

  #apart(parts: StreamPart[]): StreamPart[] {
    return parts.length === 0 ? [] : [...this.#closeBlock(), ...this.#calls.end(), ...parts]
  }

  #closeBlock(signature?: string): StreamPart[] {
    const block = this.#block
    this.#block = undefined
    if (block === undefined) return []
    const opaque = partOrigin(this.#host, { signature })
    if (block.type === 'reasoning') return [{ type: 'reasoning-end', id: block.id, opaque }]
    return [{ type: 'text-end', id: block.id, ...(signature === undefined ? {} : { opaque }) }]
  }
}
