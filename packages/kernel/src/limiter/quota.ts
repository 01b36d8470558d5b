import { TaskList } from '../scheduler/task-list.js'
import { Alarm, type Later } from '../time/alarm.js'
import { Limiter, type RateCost, type TakenCost } from './limiter.js'
import type { ProcessLimits } from './process-limits.js'

/** Is how a {@link Quota} is made. */
export interface QuotaSeed {
  /** Who is limited, for sentences: `process 7`, `tenant free`. */
  readonly name: string
  readonly limits: ProcessLimits
  /** The next limit above: of an ancestor, else of the tenant. */
  readonly parent: Quota | undefined
}

/** Is what a call holds of one quota from its admission until its device is done with it. */
export interface QuotaShare {
  readonly quota: Quota
  readonly cost: RateCost
  /** Whether it counts as one more at once: what is nested in a call that does, does not. */
  readonly counted: boolean
  /** What it reserved when the call started; before, it counts whenever that will be. */
  taken: TakenCost | undefined
}

/**
 * Keeps the limits of one process or tenant. Quotas form a chain: a call takes a share of the one of its process and of all
 * above, all or none.
 */
export class Quota {
  readonly name: string
  readonly parent: Quota | undefined
  /** Whether anything in the chain depends on the tokens or the price of a call. */
  readonly counts: boolean
  /** Whether it bounds money, so that a core without a price cannot be used. */
  readonly priced: boolean
  /** Calls that wait for it, oldest first; only the first may go. */
  readonly waiting = new TaskList()
  /** Those that are nested in a call with a share of it: what waits for that must not be before them. */
  readonly nested = new TaskList()
  /** Rings when the first of them may fit. */
  readonly alarm: Alarm
  readonly #limiter: Limiter
  readonly #concurrency: number
  #running = 0
  /** What was given out to calls that have not started. */
  readonly #admitted = { requests: 0, tokens: 0, usd: 0 }

  constructor({ name, limits, parent }: QuotaSeed, later: Later, ring: (quota: Quota) => void) {
    this.name = name
    this.parent = parent
    this.#limiter = new Limiter(limits, name)
    this.#concurrency = limits.concurrency ?? Number.POSITIVE_INFINITY
    this.counts = this.#limiter.counts || parent?.counts === true
    this.priced = limits.usdPerDay !== undefined
    this.alarm = new Alarm(later, () => {
      ring(this)
    })
  }

  /** Number of calls that count as being there at once. */
  get running(): number {
    return this.#running
  }

  /** Whether it has as many calls as it may have at once. */
  get full(): boolean {
    return this.#running >= this.#concurrency
  }

  /** Gives out a share, or returns the milliseconds after which to ask again; `Infinity` if that depends on other calls. */
  admit(cost: RateCost, counted: boolean, now: number): QuotaShare | number {
    if (counted && this.full) return Number.POSITIVE_INFINITY
    const bounded = this.#limiter.bounded(cost)
    const { tokens, usd } = this.#admitted
    const all = { tokens: bounded.tokens + tokens, usd: bounded.usd + usd }
    const waitMs = this.#limiter.waitMs(all, this.#admitted.requests + 1, now)
    if (waitMs > 0) return waitMs
    if (counted) this.#running += 1
    this.#count(bounded, 1)
    return { quota: this, cost: bounded, counted, taken: undefined }
  }

  /** Reserves a share for a call that starts. Returns 0, or the milliseconds after which to ask again. */
  start(share: QuotaShare, now: number): number {
    const waitMs = this.#limiter.reserve(share.cost, now)
    if (waitMs > 0) return waitMs
    this.#count(share.cost, -1)
    share.taken = this.#limiter.stamp(share.cost)
    return 0
  }

  /** Takes a share back. `used`: what the call used of it; undefined for one that was not sent. */
  free({ cost, taken, counted }: QuotaShare, used: RateCost | undefined, now: number): void {
    if (counted) this.#running -= 1
    if (taken === undefined) this.#count(cost, -1)
    else if (used === undefined) this.#limiter.giveBack(taken, now)
    else this.#limiter.settle(taken, used, now)
  }

  /** Says why a cost can never fit, with the arithmetic; nothing if it can. */
  impossible(cost: RateCost): string | undefined {
    return this.#limiter.impossible(cost)
  }

  #count({ tokens, usd }: RateCost, calls: 1 | -1): void {
    const admitted = this.#admitted
    admitted.requests += calls
    // Sums of many small amounts drift; without a call the truth is zero.
    admitted.tokens = admitted.requests === 0 ? 0 : admitted.tokens + calls * tokens
    admitted.usd = admitted.requests === 0 ? 0 : admitted.usd + calls * usd
  }
}
