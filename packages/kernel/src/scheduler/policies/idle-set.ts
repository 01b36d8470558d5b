/** Idle ones that are kept: names can be made up without end. */
const MOST_IDLE = 1_024

/** Holds what is known of agents that have nothing to do, so that no more than 1,024 of them are remembered. */
export class IdleSet<T> {
  readonly #items = new Set<T>()

  /** Adds one that came to rest; returns the one that has rested longest if they are too many. */
  add(item: T): T | undefined {
    this.#items.add(item)
    if (this.#items.size <= MOST_IDLE) return undefined
    const [oldest] = this.#items
    this.#items.delete(oldest as T)
    return oldest
  }

  /** Takes one out that has something to do again. */
  delete(item: T): void {
    this.#items.delete(item)
  }
}
