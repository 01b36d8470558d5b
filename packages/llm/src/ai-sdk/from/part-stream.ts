import { AiosError } from '@aios/kernel/driver'
import { isRecord } from '../../core/record.js'
import { StreamedError } from './fault.js'

/** Returns the stream of an answer. */
function streamIn(answer: unknown): ReadableStream<unknown> {
  const stream = isRecord(answer) ? answer['stream'] : undefined
  if (stream instanceof ReadableStream || (isRecord(stream) && typeof stream['getReader'] === 'function'))
    return stream as unknown as ReadableStream<unknown>
  throw new AiosError(
    'AIOS_LLM_SERVER',
    'Expected a "stream" from doStream() of the model, got none. Is it a model of the AI SDK?',
  )
}

/** Reads the parts of a stream one by one; an error among them is thrown. Lets the provider go when the signal aborts. */
export class PartStream implements AsyncIterableIterator<unknown> {
  readonly #reader: ReadableStreamDefaultReader<unknown>
  #first: IteratorResult<unknown> | undefined

  private constructor(reader: ReadableStreamDefaultReader<unknown>, first: IteratorResult<unknown>) {
    this.#reader = reader
    this.#first = first
  }

  /**
   * Waits for the first part: it may tell what the model had to drop, which belongs to the beginning of an answer.
   *
   * @param onWarnings - is told the warnings of the stream
   */
  static async begin(
    answer: unknown,
    signal: AbortSignal,
    onWarnings: (warnings: unknown) => void,
  ): Promise<PartStream> {
    const reader = streamIn(answer).getReader()
    const letGo = (): void => {
      // The call is over; what its provider thinks of that is nobody's concern.
      reader.cancel().catch(() => undefined)
    }
    if (signal.aborted) letGo()
    else signal.addEventListener('abort', letGo, { once: true })
    const first = await checked(reader)
    if (isRecord(first.value) && first.value['type'] === 'stream-start') onWarnings(first.value['warnings'])
    return new PartStream(reader, first)
  }

  async next(): Promise<IteratorResult<unknown>> {
    const first = this.#first
    this.#first = undefined
    return first ?? checked(this.#reader)
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

async function checked(reader: ReadableStreamDefaultReader<unknown>): Promise<IteratorResult<unknown>> {
  const { done, value } = await reader.read()
  if (done) return { done: true, value: undefined }
  if (isRecord(value) && value['type'] === 'error') throw failedStream(value['error'])
  return { done: false, value }
}

/** What provider packages say of a stream without an end: an answer that is invalid, and nothing that is invalid about it. */
function isMissingEnd(error: unknown): boolean {
  return isRecord(error) && error['name'] === 'AI_InvalidResponseDataError' && error['data'] === undefined
}

function failedStream(error: unknown): unknown {
  if (!isMissingEnd(error)) return thrown(error)
  const message = 'Expected a finish reason before the end of the stream, got none. The answer is incomplete.'
  return new AiosError('AIOS_LLM_INCOMPLETE_STREAM', message, { cause: error })
}

/** An error of a kernel, behind a model that calls one, is what it was before. */
export function thrown(error: unknown): unknown {
  if (isRecord(error) && AiosError.is(error['cause'])) return error['cause']
  return error instanceof Error ? error : new StreamedError(error)
}
