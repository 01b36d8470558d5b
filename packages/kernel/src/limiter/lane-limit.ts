import type { AiosError } from '../error/aios-error.js'
import type { SchedulingPolicy } from '../scheduler/policy.js'
import type { Syscall } from '../syscall/syscall.js'
import { Alarm, type Later } from '../time/alarm.js'
import { sizeOf } from './call-size.js'
import type { CostEstimate } from './cost-estimate.js'
import { impossible } from './impossible.js'
import { Limiter, type RateCost } from './limiter.js'
import type { RateLimits } from './rate-limits.js'
import type { RateSignal } from './rate-signal.js'
import { SetAside } from './set-aside.js'
import { usedCost } from './used-cost.js'

/** Is what a {@link LaneLimit} needs of its lane. */
export interface LimitedLane {
  readonly id: string
  /** Guesses what its calls will use. */
  readonly costs: CostEstimate
  readonly later: Later
  /** Starts what may go now. */
  wake(): void
}

const FREE: RateCost = { tokens: 0, usd: 0 }

/** Holds the calls of a lane to the limits of its provider. */
export class LaneLimit {
  readonly #limiter: Limiter
  readonly #asides = new SetAside<Syscall>()
  readonly #costs: CostEstimate
  readonly #alarm: Alarm

  constructor(limits: RateLimits, lane: LimitedLane) {
    this.#costs = lane.costs
    this.#limiter = new Limiter(limits, `lane ${lane.id}`)
    this.#alarm = new Alarm(lane.later, () => {
      lane.wake()
    })
  }

  /** Number of calls that had their turn and did not fit. */
  get waiting(): number {
    return this.#asides.size
  }

  /** Returns how many of so many slots may be used now. */
  slots(concurrency: number, now: number): number {
    const share = this.#limiter.share(now)
    return share === 1 ? concurrency : Math.max(1, Math.floor(concurrency * share))
  }

  /** Returns the error of a call that no wait makes fit. */
  refusal(call: Syscall): AiosError | undefined {
    if (!this.#limiter.counts) return undefined
    const cost = this.#costs.least(sizeOf(call))
    const problem = this.#limiter.impossible(cost)
    return problem === undefined ? undefined : impossible(problem, cost)
  }

  /** Reserves what a call needs and returns true, if it fits now. */
  admits(call: Syscall, now: number): boolean {
    return this.#reserve(call, now) === 0
  }

  /** Returns the next call that fits; without one, wakes the lane when there will be. */
  next(policy: SchedulingPolicy, now: number): Syscall | undefined {
    const choice = this.#asides.take({
      next: () => policy.dequeue(now) as Syscall | undefined,
      reserve: (call) => this.#reserve(call, now),
    })
    if (choice.item === undefined && choice.waitMs < Number.POSITIVE_INFINITY)
      this.#alarm.ringAt(now + choice.waitMs, now)
    return choice.item
  }

  /** Takes a call out that waits here; returns whether it did. */
  withdraw(call: Syscall, now: number): boolean {
    if (!this.#asides.remove(call)) return false
    // Others may have been waiting only because nothing was to pass this one.
    this.#alarm.ringAt(now, now)
    return true
  }

  /** Takes out all calls that wait here. */
  drain(): Syscall[] {
    return this.#asides.drain()
  }

  /** Replaces what a call reserved by what it used, once its device is done with it. */
  settle(call: Syscall, now: number): void {
    const { extras } = call
    const taken = extras?.taken
    if (extras === undefined || taken === undefined) return
    extras.taken = undefined
    if (call.startedAt === undefined) {
      // It never got on the device, so the provider has not heard of it.
      this.#limiter.giveBack(taken, now)
      return
    }
    this.#limiter.settle(taken, usedCost(call, taken), now)
  }

  /**
   * Learns from what the provider said.
   *
   * @param call - the call that it answered
   * @param others - the other calls that it has
   */
  observe(
    signal: RateSignal,
    { call, others }: { readonly call: Syscall; readonly others: number },
    now: number,
  ): void {
    this.#limiter.observe(signal, now, {
      taken: call.extras?.taken,
      others,
      // Nobody looked at the size of those; they will be like this one.
      othersTokens: () => others * this.#costs.likely(sizeOf(call)).tokens,
    })
  }

  /** Forgets the alarm: nobody waits any more. */
  rest(): void {
    this.#alarm.rest()
  }

  #reserve(call: Syscall, now: number): number {
    const cost = this.#limiter.counts ? this.#limiter.bounded(this.#costs.likely(sizeOf(call))) : FREE
    const waitMs = this.#limiter.reserve(cost, now)
    if (waitMs === 0) call.rare().taken = this.#limiter.stamp(cost)
    return waitMs
  }
}
