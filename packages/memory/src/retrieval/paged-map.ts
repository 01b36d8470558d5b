/** Keys of one page. */
const PAGE = 1_024

/**
 * Is a map of whole numbers that stays cheap to grow: a large `Map` copies itself whole whenever it doubles, which with a
 * hundred thousand entries stops the event loop for longer than a turn may take. Neighbours share a page, so numbers that
 * count up fill their pages.
 */
export class PagedMap<T> {
  readonly #pages = new Map<number, Map<number, T>>()
  #size = 0

  /** Number of entries. */
  get size(): number {
    return this.#size
  }

  /** Returns what stands under a key. */
  get(key: number): T | undefined {
    return this.#pages.get(Math.floor(key / PAGE))?.get(key)
  }

  /** Puts something under a key, in place of what stands there. */
  set(key: number, value: T): void {
    const at = Math.floor(key / PAGE)
    let page = this.#pages.get(at)
    if (page === undefined) this.#pages.set(at, (page = new Map<number, T>()))
    const before = page.size
    page.set(key, value)
    this.#size += page.size - before
  }

  /** Removes what stands under a key; where nothing does, nothing happens. */
  delete(key: number): void {
    const at = Math.floor(key / PAGE)
    const page = this.#pages.get(at)
    if (page?.delete(key) !== true) return
    this.#size -= 1
    if (page.size === 0) this.#pages.delete(at)
  }

  /** Yields the keys. */
  *keys(): Generator<number> {
    for (const page of this.#pages.values()) yield* page.keys()
  }
}
