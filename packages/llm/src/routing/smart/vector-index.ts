import type { SimilarityIndex } from './text-index.js'

/**
 * Finds similar texts by the cosine of vectors that the user makes of them, comparing all. They have one length: with the first of
 * another, from another model, those that are there say nothing any more and are dropped.
 */
export class VectorIndex implements SimilarityIndex<Float32Array> {
  readonly #slots: number
  #size = 0
  #vectors = new Float32Array(0)

  constructor(slots: number) {
    this.#slots = slots
  }

  /** Whether a vector can be compared with those that are there. */
  compares({ length }: Float32Array): boolean {
    return length > 0 && length === this.#size
  }

  /** Makes room for vectors of the length of this one. Throws what the system does where there is none, and has then changed nothing. */
  makeRoom({ length }: Float32Array): void {
    if (length === this.#size || length === 0) return
    this.#vectors = new Float32Array(this.#slots * length)
    this.#size = length
  }

  add(slot: number, vector: Float32Array): void {
    this.makeRoom(vector)
    this.#vectors.set(vector, slot * this.#size)
  }

  remove(slot: number): void {
    this.#vectors.fill(0, slot * this.#size, (slot + 1) * this.#size)
  }

  similarities(vector: Float32Array, into: Float32Array): void {
    const size = this.#size
    if (!this.compares(vector)) return
    for (let slot = 0; slot < into.length; slot += 1) {
      let dot = 0
      for (let at = 0, from = slot * size; at < size; at += 1)
        dot += (vector[at] as number) * (this.#vectors[from + at] as number)
      into[slot] = Math.max(0, Math.min(1, dot))
    }
  }
}

/** Returns a vector of length 1 in the same direction. */
export function unit(vector: ArrayLike<number>): Float32Array {
  const copy = Float32Array.from(vector)
  const length = Math.hypot(...copy)
  return length > 0 ? copy.map((value) => value / length) : copy
}
