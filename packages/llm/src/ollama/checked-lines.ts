import { AiosError } from '@aios/kernel/driver'
import { pulledThrough, type Pass, type PulledThrough, type Sieve } from '../core/pulled-through.js'
import { isRecord } from '../core/record.js'
import { refusalIn } from './server-refusal.js'

/** Characters that a line may have at most: an answer of one piece is far shorter, and a line without end would fill the memory. */
const MAX_LINE_CHARS = 33_554_432

/** Puts the lines of a response together, and looks at each before the SDK does. */
class LineGuard implements Sieve {
  readonly #decoder = new TextDecoder()
  readonly #encoder = new TextEncoder()
  #line = ''
  #isDone = false

  take(bytes: Uint8Array, pass: Pass): void {
    this.#read(this.#decoder.decode(bytes, { stream: true }), pass)
  }

  rest(pass: Pass): void {
    this.#read(`${this.#decoder.decode()}\n`, pass)
    if (this.#isDone) return
    const message = 'Expected a line that says "done" before the end of the stream, got none. The answer is incomplete.'
    throw new AiosError('AIOS_LLM_INCOMPLETE_STREAM', message)
  }

  #read(text: string, pass: Pass): void {
    const pieces = text.split('\n')
    const rest = pieces.pop() ?? ''
    let good = ''
    try {
      for (const piece of pieces) {
        const line = this.#line + piece
        this.#line = ''
        if (line.trim() === '') continue
        this.#check(line)
        good += `${line}\n`
      }
    } finally {
      if (good !== '') pass(this.#encoder.encode(good))
    }
    this.#line += rest
    if (this.#line.length > MAX_LINE_CHARS) throw new SyntaxError(`A line is longer than ${MAX_LINE_CHARS} characters.`)
  }

  #check(line: string): void {
    // A stream that was cut in the middle of a line is cut, whatever the piece of it looks like.
    const event = JSON.parse(line) as unknown
    const refusal = refusalIn(event)
    if (refusal !== undefined) throw refusal
    if (isRecord(event) && event['done'] === true) this.#isDone = true
  }
}

/**
 * Checks the lines of JSON of a streamed answer on their way to the SDK, which prints lines that it cannot read and leaves them
 * out, and throws errors that cannot be told apart.
 */
export function checkedLines(body: ReadableStream<Uint8Array>): PulledThrough {
  return pulledThrough(body, new LineGuard())
}
