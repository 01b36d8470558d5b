import { AiosError } from '../error/aios-error.js'
import { expected } from '../error/describe.js'

/** Reads any number of bytes at a time from chunks of any size; holds no more than it was asked for and one chunk. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array>
  /** What was read and not taken. */
  #rest: Uint8Array = new Uint8Array(0)
  #isDone = false

  constructor(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  }

  /** Returns the next bytes, in memory of their own: as many as asked for, fewer only at the end. */
  async take(bytes: number): Promise<Buffer> {
    const parts: Uint8Array[] = []
    let missing = bytes
    while (missing > 0) {
      if (this.#rest.byteLength === 0 && !(await this.#read())) break
      const part = this.#rest.subarray(0, missing)
      this.#rest = this.#rest.subarray(part.byteLength)
      missing -= part.byteLength
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  /** Tells whoever makes the chunks that no more are read. */
  async close(): Promise<void> {
    if (this.#isDone) return
    this.#isDone = true
    await this.#chunks.return?.()
  }

  /** Reads one chunk that is not empty; false at the end. */
  async #read(): Promise<boolean> {
    while (!this.#isDone) {
      const step = await this.#chunks.next()
      if (step.done === true) this.#isDone = true
      else if (!(step.value instanceof Uint8Array))
        throw new AiosError('AIOS_INVALID_OPTION', expected('chunks that are Uint8Arrays', 'chunks', step.value))
      else if (step.value.byteLength > 0) {
        this.#rest = step.value
        return true
      }
    }
    return false
  }
}
