/** Keys of a chunk beyond which it is halved: small enough to shift, large enough that there are few. */
const CHUNK = 512

/** Keeps strings in order, each once, in chunks: adding, removing and seeking cost O(log n) and a shift within one chunk. */
export class SortedKeys {
  /** None of them is empty. */
  readonly #chunks: string[][] = []

  /** Adds a key that is not there. */
  add(key: string): void {
    const at = Math.min(this.#chunkOf(key), this.#chunks.length - 1)
    const chunk = this.#chunks[at]
    if (chunk === undefined) {
      this.#chunks.push([key])
      return
    }
    chunk.splice(placeOf(chunk, key), 0, key)
    if (chunk.length > CHUNK) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2))
  }

  /** Removes a key that is there. */
  delete(key: string): void {
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at]
    if (chunk === undefined) return
    chunk.splice(placeOf(chunk, key), 1)
    if (chunk.length === 0) this.#chunks.splice(at, 1)
  }

  /** Returns the first key that is not below another one. */
  from(key: string): string | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)]
    return chunk?.[placeOf(chunk, key)]
  }

  /** Returns the first key above another one. */
  above(key: string): string | undefined {
    // Nothing stands between a string and the same with the lowest character behind it.
    return this.from(`${key}\0`)
  }

  /** Returns the last key below another one, or the last of all. */
  below(key?: string): string | undefined {
    if (key === undefined) return this.#chunks.at(-1)?.at(-1)
    const at = this.#chunkOf(key)
    const chunk = this.#chunks[at]
    const place = chunk === undefined ? 0 : placeOf(chunk, key)
    return place > 0 ? chunk?.[place - 1] : this.#chunks[at - 1]?.at(-1)
  }

  /** Iterates over all keys; they must not change meanwhile. */
  *all(): Generator<string> {
    for (const chunk of this.#chunks) yield* chunk
  }

  /** Returns the first chunk that ends with the key or above it. */
  #chunkOf(key: string): number {
    let low = 0
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#chunks[middle]?.at(-1) as string) < key) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Returns the place of the first key of a chunk that is not below another one. */
function placeOf(chunk: readonly string[], key: string): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((chunk[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
