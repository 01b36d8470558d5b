import { AiosError, type ProviderBag, type StreamPart } from '@aios/kernel/driver'
import { readCompletion, type Choice, type Completion } from './completion.js'
import { fromWireFinish } from './finish.js'
import { reasoningOrigin } from './reasoning-origin.js'
import type { AnswerReader, AnswerReading } from '../core/protocol.js'
import { detailParts, joinDetails, type ReasoningDetail } from './reasoning-details.js'
import { logprobParts, type TokenLogprob } from './token-logprobs.js'
import { ToolFragments } from './tool-fragments.js'
import { fromWireUsage } from './usage.js'

type OpenBlock =
  | { readonly type: 'text'; readonly id: string }
  | { readonly type: 'reasoning'; readonly id: string; readonly opaque: ProviderBag }

/**
 * Turns the chunks of one streamed answer into parts. It keeps no text: what a chunk brings leaves with it. Only log
 * probabilities, where they were asked for, and the details of reasoning wait for the end: they are one part each.
 */
export class ChunkReader implements AnswerReader {
  readonly #host: string
  readonly #tools: ToolFragments
  readonly #logprobs: TokenLogprob[] = []
  #details: readonly ReasoningDetail[] = []
  #block: OpenBlock | undefined
  #blocks = 0
  #isDescribed = false
  #isRefusal = false
  #finishReason: string | undefined
  #usage: Completion['usage']
  /** Output tokens that the provider has counted, where it does so as it streams. */
  #written = 0

  constructor(reading: AnswerReading) {
    this.#host = reading.host
    this.#tools = new ToolFragments(reading)
  }

  /** Tells whether the model is done; only usage can still come. */
  get isFinished(): boolean {
    return this.#finishReason !== undefined
  }

  /** Takes one chunk, as it came, and returns the parts it makes. */
  read(chunk: unknown): StreamPart[] {
    const completion = readCompletion(chunk)
    const { choice } = completion
    this.#usage = completion.usage ?? this.#usage
    this.#finishReason ??= choice?.finishReason
    this.#logprobs.push(...(choice?.logprobs ?? []))
    if (choice !== undefined && choice.details.length > 0) {
      this.#details = joinDetails([...this.#details, ...choice.details])
    }
    const said = choice === undefined ? [] : this.#readChoice(choice)
    return [...this.#describe(completion), ...this.#counted(said, completion.usage)]
  }

  /** Says how many tokens the first delta of a chunk was made of, if the provider told. */
  #counted(parts: StreamPart[], usage: Completion['usage']): StreamPart[] {
    const written = usage?.['completion_tokens']
    if (typeof written !== 'number' || !(written >= this.#written)) return parts
    const tokens = written - this.#written
    const at = parts.findIndex(({ type }) => type === 'text-delta' || type === 'reasoning-delta')
    if (at < 0) return parts
    this.#written = written
    return parts.map((part, index) => {
      if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') return part
      return { ...part, tokens: index === at ? tokens : 0 }
    })
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
    const answer = { hasToolCalls: this.#tools.size > 0, isRefusal: this.#isRefusal }
    const finish = fromWireFinish(this.#finishReason, answer)
    const usage = fromWireUsage(this.#usage)
    const kept = [...detailParts(this.#details, this.#host), ...logprobParts(this.#logprobs)]
    const beside = kept.map((part): StreamPart => ({ type: 'part', part }))
    return [...this.#closeBlock(), ...this.#tools.end(), ...beside, { type: 'finish', finish, usage }]
  }

  #describe({ id, model }: Completion): StreamPart[] {
    if (this.#isDescribed || (id === undefined && model === undefined)) return []
    this.#isDescribed = true
    const described = { ...(id === undefined ? {} : { responseId: id }), ...(model === undefined ? {} : { model }) }
    return [{ type: 'response-metadata', ...described }]
  }

  #readChoice({ reasoning, text, refusal, sources, calls }: Choice): StreamPart[] {
    const parts: StreamPart[] = []
    if (reasoning !== undefined) parts.push(...this.#readReasoning(reasoning))
    if (text !== '') parts.push(...this.#readText(text))
    if (refusal !== '') {
      this.#isRefusal = true
      parts.push(...this.#readText(refusal))
    }
    for (const part of sources) parts.push({ type: 'part', part })
    for (const [position, call] of calls.entries()) {
      parts.push(...this.#closeBlock(), ...this.#tools.read(call, position))
    }
    return parts
  }

  #readText(text: string): StreamPart[] {
    const parts: StreamPart[] = []
    if (this.#block?.type !== 'text') {
      parts.push(...this.#closeBlock())
      this.#block = { type: 'text', id: this.#nextBlockId() }
      parts.push({ type: 'text-start', id: this.#block.id })
    }
    parts.push({ type: 'text-delta', id: this.#block.id, text })
    return parts
  }

  #readReasoning({ field, text }: NonNullable<Choice['reasoning']>): StreamPart[] {
    const parts: StreamPart[] = []
    if (this.#block?.type !== 'reasoning') {
      parts.push(...this.#closeBlock())
      this.#block = { type: 'reasoning', id: this.#nextBlockId(), opaque: reasoningOrigin(this.#host, field) }
      parts.push({ type: 'reasoning-start', id: this.#block.id })
    }
    parts.push({ type: 'reasoning-delta', id: this.#block.id, text })
    return parts
  }

  #closeBlock(): StreamPart[] {
    const block = this.#block
    this.#block = undefined
    if (block === undefined) return []
    if (block.type === 'text') return [{ type: 'text-end', id: block.id }]
    return [{ type: 'reasoning-end', id: block.id, opaque: block.opaque }]
  }

  #nextBlockId(): string {
    this.#blocks += 1
    return String(this.#blocks)
  }
}
