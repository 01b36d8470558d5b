/** Least part of the full rate that is left after any number of refusals. */
const LEAST = 1 / 64
/** Part of the full rate that comes back for each quiet window. */
const STEP = 0.05
/** Milliseconds of a window: from the least rate to the full one it takes 20 of them. */
const WINDOW_MS = 10_000
/** Milliseconds after a halving in which further refusals tell nothing new: those calls were on their way. */
const REACTION_MS = 1_000

/**
 * Keeps the part of its full rate at which a provider is used: half of it after a refusal, a little more after each quiet
 * window (additive increase, multiplicative decrease; Chiu and Jain 1989). Times are milliseconds that never go back.
 */
export class OverloadShare {
  #share = 1
  #quietSince = 0
  #cutAt = Number.NEGATIVE_INFINITY

  /** Returns the part, from 1/64 to 1. */
  at(now: number): number {
    if (this.#share === 1) return 1
    const windows = Math.floor((now - this.#quietSince) / WINDOW_MS)
    if (windows > 0) {
      this.#share = Math.min(1, this.#share + STEP * windows)
      this.#quietSince += windows * WINDOW_MS
    }
    return this.#share
  }

  /** Returns the milliseconds until the part grows; `Infinity` if it is whole. */
  growsIn(now: number): number {
    return this.at(now) === 1 ? Number.POSITIVE_INFINITY : this.#quietSince + WINDOW_MS - now
  }

  /** Takes note of a refusal. */
  refused(now: number): void {
    const share = this.at(now)
    this.#quietSince = now
    if (now - this.#cutAt < REACTION_MS) return
    this.#cutAt = now
    this.#share = Math.max(LEAST, share / 2)
  }
}
