/** Milliseconds by which calls may reach the provider later than others; what it has back, it may count as late. */
const JITTER_MS = 250
/** Milliseconds for which a provider's word is taken: after it, one may ask whether it still holds. */
const BELIEVED_MS = 60_000

/** Is what a provider said of one kind of amount. */
export interface Report {
  readonly left: number
  /** What is left when nothing was used, if it said. */
  readonly limit: number | undefined
  /** Milliseconds until that much is left, if it said. */
  readonly resetMs: number | undefined
}

/**
 * Counts one kind of amount, such as requests, against what a provider last said is left of it, where nobody said what its
 * limit is. Times are milliseconds that never go back.
 */
export class ReportedMeter {
  /** Most that there was ever said to be. */
  #limit: number
  #left: number
  /** When more is there, and whether that is all of it. */
  #backAt: number
  #isAllBack = true
  /** Whether one amount may be taken, whatever is left, to hear what the provider says. */
  #mayAsk = false
  #taken = 0

  /** @param pending - what is on its way there, and may not have been counted in the first report */
  constructor(report: Report, pending: number, time: number) {
    this.#limit = 0
    this.#left = report.left - pending
    this.#backAt = 0
    this.#note(report, time)
  }

  /** What was taken, ever: what it was when a call started is to be told with what the provider answers to that call. */
  get taken(): number {
    return this.#taken
  }

  /** Returns the milliseconds until an amount can be taken; one that is larger than the limit can when nothing else was used. */
  waitMs(amount: number, time: number): number {
    this.#refill(time)
    return this.#mayAsk || Math.min(amount, this.#limit) <= this.#left ? 0 : Math.max(1, this.#backAt - time)
  }

  /** Takes an amount. */
  take(amount: number, time: number): void {
    this.#refill(time)
    this.#mayAsk = false
    this.#left -= amount
    this.#taken += amount
  }

  /**
   * Learns from an answer. The provider counted before it answered: of what was taken since the call started that is
   * answered, it may have counted all or nothing.
   *
   * @param takenBefore - {@link ReportedMeter.taken} when that call had started; undefined if nobody knows
   */
  report(report: Report, takenBefore: number | undefined, time: number): void {
    this.#refill(time)
    const least = takenBefore === undefined ? Number.NEGATIVE_INFINITY : report.left - (this.#taken - takenBefore)
    this.#left = Math.min(report.left, Math.max(this.#left, least))
    this.#note(report, time)
  }

  #note({ left, limit, resetMs }: Report, time: number): void {
    this.#limit = limit ?? Math.max(this.#limit, left)
    const backMs = resetMs ?? BELIEVED_MS
    this.#isAllBack = backMs <= BELIEVED_MS
    this.#backAt = time + Math.min(backMs, BELIEVED_MS) + JITTER_MS
  }

  #refill(time: number): void {
    if (time < this.#backAt) return
    // What takes longer to come back is asked for once a minute.
    if (this.#isAllBack) this.#left = Math.max(this.#left, this.#limit)
    else this.#mayAsk = true
    this.#backAt = time + BELIEVED_MS
  }
}
