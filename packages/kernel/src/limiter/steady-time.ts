/**
 * Makes time that never goes back out of a clock that may: it counts from 0 and stands still for as long as a jump back
 * takes, so that nothing measured in it is ever undone, or waits for the old time to come round again.
 */
export class SteadyTime {
  #last: number | undefined = undefined
  #elapsed = 0

  /** Returns the milliseconds that have passed since the first call, as far as the clock tells. */
  at(now: number): number {
    if (this.#last !== undefined && now > this.#last) this.#elapsed += now - this.#last
    this.#last = now
    return this.#elapsed
  }
}
