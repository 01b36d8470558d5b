import { SERVICE_TIMES, SERVICE_TIMES_MS } from '../limits.js'

/** Counts the calls that a lane served, and remembers how long the last 64 took. */
export class ServiceTimes {
  calls = 0
  /** Milliseconds from start to end of all of them, also of those that failed. */
  ms = 0
  readonly #last = new Float64Array(SERVICE_TIMES.kept)
  #kept = 0
  #next = 0
  #measuredAt = Number.NEGATIVE_INFINITY

  /** @param whole - whether the device answered: a call that failed or was given up says nothing of how long one takes */
  add(ms: number, endedAt: number, whole: boolean): void {
    this.calls += 1
    this.ms += ms
    if (!whole) return
    this.#last[this.#next] = ms
    this.#next = (this.#next + 1) % SERVICE_TIMES.kept
    this.#kept = Math.min(SERVICE_TIMES.kept, this.#kept + 1)
    this.#measuredAt = endedAt
  }

  /**
   * Returns the shortest of the last 64, in milliseconds; 0 while fewer than 16 are known. Also 0 when the last is a minute
   * old: where every call is refused, nothing is measured, and the device may have become quicker.
   */
  shortest(now: number): number {
    if (this.#kept < SERVICE_TIMES.needed || now - this.#measuredAt > SERVICE_TIMES_MS) return 0
    return Math.min(...this.#last.subarray(0, this.#kept))
  }
}
