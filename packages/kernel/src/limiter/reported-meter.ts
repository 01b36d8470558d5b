/** Milliseconds by which calls may reach the provider later than others; what it has back, it may count as late. */
const JITTER_MS = 250
/** Milliseconds for which a provider's word is taken: after it, one may ask whether it still holds. */
const BELIEVED_MS = 60_000
/** Milliseconds after which a call that was sent has reached the provider, even from a busy machine. */
const ARRIVES_MS = 1_000

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
  /** What was taken lately and not answered, by {@link ReportedMeter.taken} with it; oldest first. */
  readonly #onWay = new Map<number, { readonly amount: number; readonly at: number }>()

  /** @param pending - what is on its way there, and may not have been counted in the first report */
  constructor(report: Report, pending: number, time: number) {
    this.#limit = 0
    this.#left = report.left - pending
    this.#backAt = 0
    this.#onWay.set(0, { amount: pending, at: time })
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
    this.#forgetArrived(time)
    if (amount > 0) this.#onWay.set(this.#taken, { amount, at: time })
  }

  /** Takes note that a call was answered, or not sent: nothing of it is on its way any more. */
  answered(takenBefore: number): void {
    this.#onWay.delete(takenBefore)
  }

  /** Gives back what was taken and not sent in the end. */
  giveBack(amount: number, takenBefore: number | undefined, time: number): void {
    this.#refill(time)
    this.#left += amount
    if (takenBefore !== undefined) this.answered(takenBefore)
  }

  /**
   * Learns from an answer. The provider counted before it answered: of what was taken since the call started that is
   * answered, it may have counted all or nothing, and likewise of what was taken before and may have been overtaken.
   *
   * @param takenBefore - {@link ReportedMeter.taken} when that call had started; undefined if nobody knows
   */
  report(report: Report, takenBefore: number | undefined, time: number): void {
    this.#refill(time)
    const least =
      takenBefore === undefined
        ? Number.NEGATIVE_INFINITY
        : report.left - (this.#taken - takenBefore) - this.#onWayAt(time, takenBefore)
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
    this.#backAt = time + BELIEVED_MS
    // What takes longer to come back is asked for once a minute.
    if (!this.#isAllBack) {
      this.#mayAsk = true
      return
    }
    // What is on its way now may count only there, when the provider has all of it again.
    this.#left = Math.max(this.#left, this.#limit - this.#onWayAt(time, Number.POSITIVE_INFINITY))
    if (this.#left <= 0) this.#backAt = time + ARRIVES_MS
  }

  /** Returns how much may not have arrived of what was taken before a call. */
  #onWayAt(time: number, takenBefore: number): number {
    this.#forgetArrived(time)
    let sum = 0
    for (const [taken, { amount }] of this.#onWay) {
      if (taken >= takenBefore) break
      sum += amount
    }
    return sum
  }

  #forgetArrived(time: number): void {
    for (const [taken, { at }] of this.#onWay) {
      if (at > time - ARRIVES_MS) return
      this.#onWay.delete(taken)
    }
  }
}
