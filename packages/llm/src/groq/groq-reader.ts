import type { StreamPart } from '@aios/kernel'
import type { AnswerReader, AnswerReading } from '../core/protocol.js'
import { ChunkReader } from '../openai/chunk-reader.js'
import { groqParts } from './executed-tools.js'

/** Reads the chunks of a streamed answer as those of any chat completion, with what only Groq has. */
export class GroqReader implements AnswerReader {
  readonly #chunks: ChunkReader

  constructor(reading: AnswerReading) {
    this.#chunks = new ChunkReader(reading)
  }

  /** Tells whether the model is done. */
  get isFinished(): boolean {
    return this.#chunks.isFinished
  }

  /** Takes one chunk, as it came, and returns the parts it makes. */
  read(chunk: unknown): StreamPart[] {
    const own = groqParts(chunk).map((part): StreamPart => ({ type: 'part', part }))
    const parts = this.#chunks.read(chunk)
    return own.length === 0 ? parts : [...parts, ...own]
  }

  /**
   * Returns the closing parts.
   *
   * @throws AiosError `AIOS_LLM_INCOMPLETE_STREAM` if the model was not done
   */
  end(): StreamPart[] {
    return this.#chunks.end()
  }
}
