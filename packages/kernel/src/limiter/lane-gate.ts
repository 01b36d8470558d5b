import type { AiosError } from '../error/aios-error.js'
import type { SchedulingPolicy } from '../scheduler/policy.js'
import type { Syscall } from '../syscall/syscall.js'
import type { BreakerOptions } from './breaker.js'
import { CostEstimate } from './cost-estimate.js'
import { LaneBreaker, type BreakableLane } from './lane-breaker.js'
import { LaneLimit } from './lane-limit.js'
import type { RateLimits } from './rate-limits.js'
import type { RateSignal } from './rate-signal.js'
import { RetryPolicy } from './retry-policy.js'

/** Is what a {@link LaneGate} needs of its lane. */
export interface GatedLane extends BreakableLane {
  readonly concurrency: number
  readonly running: number
  readonly queued: number
  random(): number
  /** Is told that the provider refused, or asked for a pause. */
  limited(signal: RateSignal): void
}

/** Is how a {@link LaneGate} is made. */
export interface GateSeed {
  /** What the provider allows. */
  readonly limits?: RateLimits | undefined
  /** When a core is given a rest; false: never. */
  readonly breaker?: BreakerOptions | false | undefined
  /** Attempts of one call. */
  readonly maxAttempts?: number | undefined
}

/** Stands between a lane and the provider behind its core: what that allows, what it says, and whether it is there at all. */
export class LaneGate {
  /** Decides on further attempts. */
  readonly retries: RetryPolicy
  /** Guesses what calls will use, for all limits that count it. */
  readonly costs = new CostEstimate()
  readonly #lane: GatedLane
  /** Made for limits that were given, or when a provider first speaks of its own. */
  #limit: LaneLimit | undefined = undefined
  readonly #breaker: LaneBreaker | undefined

  constructor(lane: GatedLane, { limits, breaker, maxAttempts }: GateSeed) {
    this.#lane = lane
    this.retries = new RetryPolicy({ maxAttempts, random: () => lane.random() })
    if (limits !== undefined) this.#limit = this.#limitBy(limits)
    this.#breaker = breaker === false ? undefined : new LaneBreaker(breaker ?? {}, lane)
  }

  /** Whether the core was found down, and only probes are sent. */
  get tripped(): boolean {
    return this.#breaker?.tripped === true
  }

  /** Whether a call that came now would wait for the core to be there again: it is down, and the call would not be the next probe. */
  isDown(now: number): boolean {
    return this.tripped && !this.#isNextProbe(now)
  }

  /** Whether there are limits, given or learned. */
  get limits(): boolean {
    return this.#limit !== undefined
  }

  /** Number of calls that had their turn and did not fit. */
  get waiting(): number {
    return this.#limit?.waiting ?? 0
  }

  /** Whether a call would wait here if it got a slot: for a core that is down, or behind one that did not fit. */
  get holdsBack(): boolean {
    return this.waiting > 0 || this.tripped
  }

  /** Whether a call may have to wait with slots free. */
  get holds(): boolean {
    return this.#limit !== undefined || this.tripped
  }

  /** Returns the error of a call that comes in vain: no wait makes it fit, or the core has been down for too long. */
  refusal(call: Syscall): AiosError | undefined {
    // What was begun may go on, however large it looks by now.
    const impossible = call.extras?.context === undefined ? this.#limit?.refusal(call) : undefined
    if (impossible !== undefined || !this.tripped) return impossible
    const now = this.#lane.now()
    return this.#isNextProbe(now) ? undefined : this.#breaker?.refusal(now)
  }

  /** Reserves what a call needs and returns true, if it may start now. */
  admits(call: Syscall): boolean {
    if (!this.holds) return true
    const now = this.#lane.now()
    if (this.tripped && this.#breaker?.admits(now) !== true) return false
    const limit = this.#limit
    return limit === undefined || (this.#hasSlot(limit, now) && limit.admits(call, now))
  }

  /** Whether any call may start now. */
  isOpen(now: number): boolean {
    if (this.tripped && this.#breaker?.admits(now) !== true) return false
    return this.#limit === undefined || this.#hasSlot(this.#limit, now)
  }

  /** Returns the error of all who wait for a core that has been down for too long; else sees to it that they are told in time. */
  givesUp(now: number): AiosError | undefined {
    const breaker = this.#breaker
    if (breaker?.tripped !== true) return undefined
    if (breaker.admits(now) && this.#lane.running < this.#lane.concurrency) return undefined
    const error = breaker.refusal(now)
    if (error === undefined) breaker.ringWhenDue(now)
    return error
  }

  /** Returns the next call that fits. */
  next(policy: SchedulingPolicy, now: number): Syscall | undefined {
    const limit = this.#limit
    return limit === undefined ? (policy.dequeue(now) as Syscall | undefined) : limit.next(policy, now)
  }

  /** Takes a call out that waits here; returns whether it did. */
  withdraw(call: Syscall): boolean {
    return this.#limit?.withdraw(call, this.#lane.now()) === true
  }

  /** Takes out all calls that wait here. */
  drain(): Syscall[] {
    return this.#limit?.drain() ?? []
  }

  /** Is told that a call starts. */
  started(call: Syscall, now: number): void {
    this.#breaker?.started(call)
    if (call.extras?.attempts === undefined && call.extras?.context === undefined) this.retries.called(now)
  }

  /** Is told that a call is off the device, or leaves without having been there. */
  settle(call: Syscall, now: number): void {
    this.#limit?.settle(call, now)
    this.costs.settled(call)
    this.#breaker?.released(call)
  }

  /** Learns what the provider said about its limits. */
  observe(signal: RateSignal, call: Syscall): void {
    const isPause = signal.kind === 'overload' || signal.retryAfterMs !== undefined
    const tells = signal.remainingRequests !== undefined || signal.remainingTokens !== undefined
    if (isPause || tells) this.#limit ??= this.#limitBy({})
    const others = Math.max(0, this.#lane.running - (call.onDevice ? 1 : 0))
    this.#limit?.observe(signal, { call, others }, this.#lane.now())
    if (isPause) this.#lane.limited(signal)
  }

  /** Hears that an answer has begun: a core that was down is there again. How often attempts fail in a row, their ends tell. */
  answers(call: Syscall): void {
    if (this.tripped) this.heard(call, true, undefined)
  }

  /** Hears how an attempt of a call ended, whether the kernel waits for it or not. */
  heard(call: Syscall, fulfilled: boolean, value: unknown): void {
    if (this.#breaker === undefined || call.startedAt === undefined) return
    if (fulfilled) this.#breaker.succeeded()
    else this.#breaker.failed(call, value)
  }

  /** Nobody waits: nothing has to happen at any time. */
  rest(): void {
    this.#limit?.rest()
    this.#breaker?.rest()
  }

  #isNextProbe(now: number): boolean {
    const { running, concurrency, queued } = this.#lane
    return running < concurrency && queued === 0 && this.#breaker?.admits(now) === true
  }

  #hasSlot(limit: LaneLimit, now: number): boolean {
    return this.#lane.running < limit.slots(this.#lane.concurrency, now)
  }

  #limitBy(limits: RateLimits): LaneLimit {
    const { id, later } = this.#lane
    return new LaneLimit(limits, {
      id,
      later,
      costs: this.costs,
      wake: () => {
        this.#lane.wake()
      },
    })
  }
}
