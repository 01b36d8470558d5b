/**
 * Sums what was added during the last stretch of time, in slots: an amount counts for `holdMs` at least and `holdMs` plus
 * one slot at most. All times are milliseconds that never go back, from 0.
 */
export class SlidingSum {
  readonly #slotMs: number
  readonly #slots: Float64Array
  #newest = 0
  #total = 0

  constructor(holdMs: number, slotMs: number) {
    this.#slotMs = slotMs
    // One more, for the slot that is still being filled.
    this.#slots = new Float64Array(Math.ceil(holdMs / slotMs) + 1)
  }

  /** Returns the sum. */
  total(now: number): number {
    this.#advance(now)
    return this.#total
  }

  /**
   * Adds an amount, negative to correct one, to what was added at an earlier time.
   *
   * @returns whether that time still counts; if not, nothing was added
   */
  add(amount: number, at: number, now: number): boolean {
    this.#advance(now)
    const slot = this.#slotOf(at)
    if (slot <= this.#newest - this.#slots.length) return false
    const index = slot % this.#slots.length
    this.#slots[index] = (this.#slots[index] ?? 0) + amount
    this.#total += amount
    return true
  }

  /** Returns the milliseconds until the sum has fallen to `most` if nothing is added; `Infinity` below 0. */
  msUntil(most: number, now: number): number {
    this.#advance(now)
    if (this.#total <= most) return 0
    if (most < 0) return Number.POSITIVE_INFINITY
    const count = this.#slots.length
    let left = this.#total
    let oldest = this.#newest - count + 1
    for (; oldest < this.#newest; oldest += 1) {
      left -= this.#slots[(oldest + count) % count] ?? 0
      if (left <= most) break
    }
    return (oldest + count) * this.#slotMs - now
  }

  #slotOf(at: number): number {
    return Math.floor(at / this.#slotMs)
  }

  #advance(now: number): void {
    const slot = this.#slotOf(now)
    if (slot === this.#newest) return
    const count = this.#slots.length
    if (slot - this.#newest >= count) this.#slots.fill(0)
    else for (let at = this.#newest + 1; at <= slot; at += 1) this.#slots[at % count] = 0
    this.#newest = slot
    // Summed anew, because adding and taking away fractions drifts.
    this.#total = this.#slots.reduce((sum, amount) => sum + amount, 0)
  }
}
