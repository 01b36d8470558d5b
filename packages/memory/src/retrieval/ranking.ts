/** Compares two candidates: below 0 if the first one ranks before the second. Never 0 for different ones. */
export type RankOrder<T> = (first: T, second: T) => number

/** Keeps the best of however many candidates it is offered, without holding or sorting the rest. */
export class Ranking<T> {
  readonly #limit: number
  readonly #order: RankOrder<T>
  readonly #best: T[] = []

  /**
   * @param limit - how many to keep, 1 or more
   * @param order - what comes before what
   */
  constructor(limit: number, order: RankOrder<T>) {
    this.#limit = limit
    this.#order = order
  }

  /** Takes a candidate if it is among the best so far. */
  offer(candidate: T): void {
    const best = this.#best
    const last = best.at(-1)
    if (last !== undefined && best.length === this.#limit && this.#order(last, candidate) <= 0) return
    let low = 0
    let high = best.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#order(best[middle]!, candidate) <= 0) low = middle + 1
      else high = middle
    }
    best.splice(low, 0, candidate)
    if (best.length > this.#limit) best.pop()
  }

  /** The best candidates, best first. */
  get best(): readonly T[] {
    return this.#best
  }
}
