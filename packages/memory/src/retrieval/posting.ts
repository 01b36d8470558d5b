/**
 * Lists the documents that hold one term, each with its weighted occurrences, by key. It is one array of keys and counts in
 * turns: an index has so many of these that a `Map` each would be most of its size and of the time to fill it.
 */
export class Posting {
  readonly #flat: number[] = []

  /** Number of documents. */
  get size(): number {
    return this.#flat.length / 2
  }

  /** Adds a document that is not in it; at once where its key is the greatest. */
  add(key: number, occurrences: number): void {
    const flat = this.#flat
    if (flat.length === 0 || key > flat[flat.length - 2]!) flat.push(key, occurrences)
    else flat.splice(this.#placeOf(key), 0, key, occurrences)
  }

  /** Removes a document that is in it. */
  delete(key: number): void {
    this.#flat.splice(this.#placeOf(key), 2)
  }

  /** Calls `visit` for each document, by key. */
  each(visit: (key: number, occurrences: number) => void): void {
    const flat = this.#flat
    for (let at = 0; at < flat.length; at += 2) visit(flat[at]!, flat[at + 1]!)
  }

  /** Returns where a key stands, or would. */
  #placeOf(key: number): number {
    const flat = this.#flat
    let [low, high] = [0, flat.length / 2]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (flat[2 * middle]! < key) low = middle + 1
      else high = middle
    }
    return 2 * low
  }
}
