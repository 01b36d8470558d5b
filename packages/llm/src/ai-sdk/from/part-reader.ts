import { AiosError, type StreamPart } from '@aios/kernel/driver'
import type { AnswerReader, AnswerReading } from '../../core/protocol.js'
import { isRecord } from '../../core/record.js'
import { callPart, citedParts, contentParts, type ContentReading } from './answer-content.js'
import { CallIds } from '../../core/call-ids.js'
import { fromFinishReason, isUnsaid } from './finish.js'
import { OpenBlocks } from './open-blocks.js'
import { OpenInputs } from './open-inputs.js'
import { finishMetadata } from './finish-metadata.js'
import { fromSdkUsage } from './usage.js'

type Fields = Readonly<Record<string, unknown>>

/** Content of the specifications that says nothing to a reader. */
const SILENT = new Set(['raw', 'ping', 'stream-start'])

/** Turns the parts of one stream of the AI SDK, of any specification, into ours. */
export class PartReader implements AnswerReader {
  readonly #reading: ContentReading
  readonly #ids: CallIds
  readonly #blocks: OpenBlocks
  readonly #inputs: OpenInputs
  #finish: Fields | undefined

  constructor(reading: AnswerReading, provider: string) {
    this.#ids = new CallIds((n) => reading.makeId(n))
    this.#reading = { ...reading, makeId: (n) => reading.makeId(n), provider, idOf: (call) => this.#ids.of(call) }
    this.#blocks = new OpenBlocks(provider)
    this.#inputs = new OpenInputs(reading.names)
  }

  /** Tells whether the part that ends the answer has come. */
  get isFinished(): boolean {
    return this.#finish !== undefined
  }

  /** Takes one part, as it came, and returns the parts it makes. */
  read(event: unknown): StreamPart[] {
    if (!isRecord(event) || typeof event['type'] !== 'string' || SILENT.has(event['type'])) return []
    const { type } = event
    if (/^(?:text|reasoning)-(?:start|delta|end)$/.test(type)) return this.#block(type, event)
    if (type.startsWith('tool-input-')) return this.#inputs.read(event, () => this.#blocks.close())
    if (type === 'response-metadata') return described(event)
    if (type !== 'finish') return this.#content(event)
    this.#finish ??= event
    return []
  }

  /**
   * Returns the closing parts.
   *
   * @throws AiosError `AIOS_LLM_INCOMPLETE_STREAM` if no reason to finish came, `AIOS_LLM_SERVER` if an error was the reason
   */
  end(): StreamPart[] {
    if (this.#finish === undefined || isUnsaid(this.#finish['finishReason'])) {
      const message = 'Expected a finish reason before the end of the stream, got none. The answer is incomplete.'
      throw new AiosError('AIOS_LLM_INCOMPLETE_STREAM', message)
    }
    const { finishReason, usage, providerMetadata } = this.#finish
    const cut = this.#inputs.end((call) => callPart(call, this.#reading))
    const metadata = finishMetadata(providerMetadata, this.#reading.provider)
    return [
      ...this.#blocks.close(),
      ...cut,
      ...metadata.map((part): StreamPart => ({ type: 'part', part })),
      {
        type: 'finish',
        finish: fromFinishReason(finishReason, this.#ids.size > 0),
        usage: fromSdkUsage(usage, providerMetadata),
      },
    ]
  }

  #block(type: string, event: Fields): StreamPart[] {
    const parts = this.#blocks.read(type, event)
    const cited = type === 'text-end' ? citedParts(event['citations'], this.#reading.provider) : []
    return [...parts, ...cited.map((part): StreamPart => ({ type: 'part', part }))]
  }

  #content(event: Fields): StreamPart[] {
    if (event['type'] === 'tool-call' && event['providerExecuted'] !== true) {
      const calls = callPart(event, this.#reading)
      return [...this.#blocks.close(), ...this.#inputs.called(event, calls)]
    }
    if (event['type'] === 'tool-call') this.#inputs.called(event, [])
    const parts = event['preliminary'] === true ? [] : contentParts(event, this.#reading)
    return [
      ...this.#blocks.close(),
      ...parts.map((part): StreamPart => (part.type === 'tool-call' ? part : { type: 'part', part })),
    ]
  }
}

function described({ id, modelId }: Fields): StreamPart[] {
  const responseId = typeof id === 'string' ? { responseId: id } : {}
  const model = typeof modelId === 'string' ? { model: modelId } : {}
  return [{ type: 'response-metadata', ...responseId, ...model }]
}
