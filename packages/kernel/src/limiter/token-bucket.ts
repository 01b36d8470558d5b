/** Is how a {@link TokenBucket} is made. */
export interface BucketShape {
  /** Most it holds, and what it holds at first. */
  readonly capacity: number
  /** What flows in during a minute; also the most it can owe. */
  readonly perMinute: number
}

/**
 * Is a store that fills at a steady rate up to its capacity, and may owe. What is larger than the capacity is let through
 * when the bucket is full, and then owed. Times are milliseconds; a clock that jumps back only makes it miss that time.
 */
export class TokenBucket {
  readonly #capacity: number
  readonly #perMs: number
  readonly #mostOwed: number
  #level: number
  #at: number | undefined = undefined
  #share = 1
  /** The provider's own rate, for as long as it is slower than ours. */
  #slowPerMs = Number.POSITIVE_INFINITY
  #slowMs = 0

  constructor({ capacity, perMinute }: BucketShape) {
    this.#capacity = capacity
    this.#perMs = perMinute / 60_000
    this.#mostOwed = perMinute
    this.#level = capacity
  }

  /** Returns what it holds; below 0 what it owes. */
  level(now: number): number {
    this.#refill(now)
    return this.#level
  }

  /** Returns the milliseconds until an amount can be taken; 0 if it can be now. */
  waitMs(amount: number, now: number): number {
    this.#refill(now)
    const lacking = Math.min(amount, this.#capacity) - this.#level
    if (lacking <= 0) return 0
    const rate = this.#perMs * this.#share
    const slow = Math.min(this.#slowPerMs, rate)
    const soon = slow * this.#slowMs
    return soon >= lacking ? lacking / slow : this.#slowMs + (lacking - soon) / rate
  }

  /** Takes an amount, whether it is there or not. */
  take(amount: number, now: number): void {
    this.#refill(now)
    // Whoever reports nonsense may stop the flow for a minute, not for ever.
    this.#level = Math.max(-this.#mostOwed, Math.min(this.#capacity, this.#level - amount))
  }

  /** Sets the part of its rate, from above 0 to 1, at which it fills from now on. */
  setShare(share: number, now: number): void {
    this.#refill(now)
    this.#share = share
  }

  /**
   * Lowers it to what the provider says is left; never raises it.
   *
   * @param pace - how fast the provider fills its own store, heeded for `forMs` if little is left there
   */
  lower(left: number, pace: { readonly perMs: number; readonly forMs: number }, now: number): void {
    this.#refill(now)
    this.#level = Math.min(this.#level, left)
    // With more left than ever goes at once, what others use, or a longer window, is no concern yet.
    this.#slowMs = left > this.#capacity ? 0 : pace.forMs
    this.#slowPerMs = pace.perMs
  }

  #refill(now: number): void {
    const elapsed = this.#at === undefined ? 0 : Math.max(0, now - this.#at)
    this.#at = now
    if (elapsed === 0) return
    const slowMs = Math.min(elapsed, this.#slowMs)
    this.#slowMs -= slowMs
    const rate = this.#perMs * this.#share
    const gained = slowMs * Math.min(this.#slowPerMs, rate) + (elapsed - slowMs) * rate
    this.#level = Math.min(this.#capacity, this.#level + gained)
  }
}
