import { AiosError, type StreamPart, type Usage } from '@aios/kernel/driver'
import type { AnswerReader, AnswerReading } from '../core/protocol.js'
import { logprobParts, readAnswer, type AnsweredCall } from './answer.js'
import { CalledTools } from './called-tool.js'
import { fromDoneReason } from './finish.js'
import { usageOf } from './usage.js'
import { thoughtOrigin } from './wire-message.js'

type Kind = 'text' | 'reasoning'

/**
 * Turns the lines of one streamed answer into parts. It keeps no text: what a line brings leaves with it. Only log probabilities,
 * where they were asked for, wait for the end: they are one part.
 */
export class LineReader implements AnswerReader {
  readonly #host: string
  readonly #tools: CalledTools
  readonly #logprobs: unknown[] = []
  #block: { readonly kind: Kind; readonly id: string } | undefined
  #blocks = 0
  #isDescribed = false
  #done: { readonly reason: string | undefined; readonly usage: Usage } | undefined

  constructor(reading: AnswerReading) {
    this.#host = reading.host
    this.#tools = new CalledTools(reading)
  }

  /** Tells whether the line that ends the answer has come. */
  get isFinished(): boolean {
    return this.#done !== undefined
  }

  /** Takes one line, as it came, and returns the parts it makes. */
  read(line: unknown): StreamPart[] {
    const answer = readAnswer(line)
    if (answer.isDone) this.#done ??= { reason: answer.doneReason, usage: usageOf(answer.fields) }
    this.#logprobs.push(...answer.logprobs)
    return [
      ...this.#describe(answer.model),
      ...this.#piece('reasoning', answer.thinking),
      ...this.#piece('text', answer.text),
      ...answer.extras.map((part): StreamPart => ({ type: 'part', part })),
      ...answer.calls.flatMap((call) => this.#call(call)),
    ]
  }

  /**
   * Returns the closing parts.
   *
   * @throws AiosError `AIOS_LLM_INCOMPLETE_STREAM` if the answer was not done
   */
  end(): StreamPart[] {
    if (this.#done === undefined)
      throw new AiosError('AIOS_LLM_INCOMPLETE_STREAM', 'Expected a line that says "done", got none.')
    const { reason, usage } = this.#done
    const beside = logprobParts(this.#logprobs).map((part): StreamPart => ({ type: 'part', part }))
    return [
      ...this.#close(),
      ...beside,
      { type: 'finish', finish: fromDoneReason(reason, this.#tools.size > 0), usage },
    ]
  }

  #describe(model: string | undefined): StreamPart[] {
    if (this.#isDescribed || model === undefined) return []
    this.#isDescribed = true
    return [{ type: 'response-metadata', model }]
  }

  #piece(kind: Kind, text: string): StreamPart[] {
    if (text === '') return []
    if (this.#block?.kind === kind) return [{ type: `${kind}-delta`, id: this.#block.id, text }]
    const closing = this.#close()
    const id = String((this.#blocks += 1))
    this.#block = { kind, id }
    return [...closing, { type: `${kind}-start`, id }, { type: `${kind}-delta`, id, text }]
  }

  /** Calls come whole. */
  #call(call: AnsweredCall): StreamPart[] {
    const part = this.#tools.read(call)
    if (part === undefined) return []
    if (part.name === '') return [...this.#close(), part]
    const { id, name, inputText } = part
    const shown: StreamPart[] = inputText === '' ? [] : [{ type: 'tool-input-delta', id, text: inputText }]
    return [...this.#close(), { type: 'tool-input-start', id, name }, ...shown, { type: 'tool-input-end', id }, part]
  }

  #close(): StreamPart[] {
    const block = this.#block
    this.#block = undefined
    if (block === undefined) return []
    if (block.kind === 'text') return [{ type: 'text-end', id: block.id }]
    return [{ type: 'reasoning-end', id: block.id, opaque: thoughtOrigin(this.#host) }]
  }
}
