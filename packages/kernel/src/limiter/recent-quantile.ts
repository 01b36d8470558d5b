/** Doublings that are told apart: up to 33 million. */
const DOUBLINGS = 25
/** Values after which old ones count half. */
const MEMORY = 512
/** Values below which nothing is guessed. */
const LEAST_VALUES = 16
/** One value in so many may be larger than the guess. */
const LARGER_ONE_IN = 10

/**
 * Guesses how large the next value will be: as large as nine of ten lately were at most. For the tokens of an answer: to
 * reserve what a call may produce at most would leave a limit half unused, to reserve the mean would overrun it. Holds no
 * more however much it has seen.
 */
export class RecentQuantile {
  readonly #perDoubling: number
  readonly #counts: Float64Array
  #seen = 0

  /** @param perDoubling - steps in which values are told apart; with 4 the guess is at most 19 % too high for that, with 16 at most 5 % */
  constructor(perDoubling: number) {
    this.#perDoubling = perDoubling
    this.#counts = new Float64Array(DOUBLINGS * perDoubling)
  }

  /** Returns the guess; `most` while too little was seen, and never more than that. */
  guess(most: number): number {
    if (this.#seen < LEAST_VALUES) return most
    let above = this.#seen / LARGER_ONE_IN
    let bucket = this.#counts.length - 1
    while (bucket > 0 && above >= (this.#counts[bucket] ?? 0)) {
      above -= this.#counts[bucket] ?? 0
      bucket -= 1
    }
    return Math.min(most, Math.ceil(2 ** ((bucket + 1) / this.#perDoubling)))
  }

  /** Takes note of a value from 1; what is below counts as 1, what is no number from 0 is left out. */
  learn(value: number): void {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return
    if (this.#seen >= MEMORY) this.#fade()
    const bucket = Math.min(this.#counts.length - 1, Math.floor(Math.log2(Math.max(1, value)) * this.#perDoubling))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#seen += 1
  }

  #fade(): void {
    this.#seen = 0
    for (const [bucket, count] of this.#counts.entries()) {
      this.#counts[bucket] = count / 2
      this.#seen += count / 2
    }
  }
}
