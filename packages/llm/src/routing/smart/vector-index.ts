import type { SimilarityIndex } from './text-index.js'

/** Finds similar texts by the cosine of vectors that the user makes of them, comparing all. */
export class VectorIndex implements SimilarityIndex<Float32Array> {
  readonly #slots: number
  #size = 0
  #vectors = new Float32Array(0)

  constructor(slots: number) {
    this.#slots = slots
  }

  add(slot: number, vector: Float32Array): void {
    if (this.#size === 0) {
      this.#size = vector.length
      this.#vectors = new Float32Array(this.#slots * vector.length)
    }
    this.#vectors.set(vector, slot * this.#size)
  }

  remove(slot: number): void {
    this.#vectors.fill(0, slot * this.#size, (slot + 1) * this.#size)
  }

  similarities(vector: Float32Array, into: Float32Array): void {
    const size = this.#size
    if (size !== vector.length) return
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
