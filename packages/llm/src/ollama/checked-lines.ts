import { AiosError } from '@aios/kernel/driver'
import { isRecord } from '../core/record.js'
import { refusalIn } from './server-refusal.js'

/** Characters that a line may have at most: an answer of one piece is far shorter, and a line without end would fill the memory. */
const MAX_LINE_CHARS = 33_554_432

/** Puts the lines of a response together, and looks at each before the SDK does. */
class LineGuard {
  readonly #decoder = new TextDecoder()
  readonly #encoder = new TextEncoder()
  #line = ''
  #isDone = false

  transform(bytes: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }), controller)
  }

  flush(controller: TransformStreamDefaultController<Uint8Array>): void {
    this.#take(`${this.#decoder.decode()}\n`, controller)
    if (this.#isDone) return
    const message = 'Expected a line that says "done" before the end of the stream, got none. The answer is incomplete.'
    throw new AiosError('AIOS_LLM_INCOMPLETE_STREAM', message)
  }

  #take(text: string, controller: TransformStreamDefaultController<Uint8Array>): void {
    const pieces = text.split('\n')
    const rest = pieces.pop() ?? ''
    for (const piece of pieces) {
      this.#pass(this.#line + piece, controller)
      this.#line = ''
    }
    this.#line += rest
    if (this.#line.length > MAX_LINE_CHARS) throw new SyntaxError(`A line is longer than ${MAX_LINE_CHARS} characters.`)
  }

  #pass(line: string, controller: TransformStreamDefaultController<Uint8Array>): void {
    if (line.trim() === '') return
    // A stream that was cut in the middle of a line is cut, whatever the piece of it looks like.
    const event = JSON.parse(line) as unknown
    const refusal = refusalIn(event)
    if (refusal !== undefined) throw refusal
    if (isRecord(event) && event['done'] === true) this.#isDone = true
    controller.enqueue(this.#encoder.encode(`${line}\n`))
  }
}

/**
 * Checks the lines of JSON of a streamed answer on their way to the SDK, which prints lines that it cannot read and leaves them
 * out, and throws errors that cannot be told apart.
 */
export function checkedLines(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(new LineGuard()))
}
