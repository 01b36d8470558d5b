import { AiosError } from '../error/aios-error.js'
import type { SchedulingPolicy } from '../scheduler/policy.js'
import type { Syscall } from '../syscall/syscall.js'
import { Limiter, type RateCost } from './limiter.js'
import type { RateLimits } from './rate-limits.js'
import type { RateSignal } from './rate-signal.js'
import { RecentQuantile } from './recent-quantile.js'
import { SetAside } from './set-aside.js'

/** Is what a {@link LaneLimit} needs of its lane. */
export interface LimitedLane {
  readonly id: string
  /** Calls back after a time, as somebody waits for it; returns how to cancel that. */
  later(delayMs: number, callback: () => void): () => void
  /** Starts what may go now. */
  wake(): void
}

/** Holds the calls of a lane to the limits of its provider. */
export class LaneLimit {
  readonly #lane: LimitedLane
  readonly #limiter: Limiter
  readonly #asides = new SetAside<Syscall>()
  readonly #mostTokens: number
  readonly #outputs = new RecentQuantile(4)
  /** Thousandths of its estimate that the input of calls turned out to be. */
  readonly #inputs = new RecentQuantile(16)
  #alarm: { readonly at: number; readonly cancel: () => void } | undefined = undefined

  constructor(limits: RateLimits, lane: LimitedLane) {
    this.#lane = lane
    this.#mostTokens = Math.min(limits.tpm ?? Number.POSITIVE_INFINITY, limits.tokensPerDay ?? Number.POSITIVE_INFINITY)
    this.#limiter = new Limiter(limits, `lane ${lane.id}`)
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
    const cost = this.#costOf(call, 1)
    const problem = this.#limiter.impossible(cost)
    if (problem === undefined) return undefined
    const message = `${problem} Shorten the conversation, bound maxOutputTokens, or raise the limit.`
    return new AiosError('AIOS_LIMIT_IMPOSSIBLE', message, { details: { ...cost } })
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
    if (choice.item === undefined && choice.waitMs < Number.POSITIVE_INFINITY) this.#wakeAt(now + choice.waitMs, now)
    return choice.item
  }

  /** Takes a call out that waits here; returns whether it did. */
  withdraw(call: Syscall, now: number): boolean {
    if (!this.#asides.remove(call)) return false
    // Others may have been waiting only because nothing was to pass this one.
    this.#wakeAt(now, now)
    return true
  }

  /** Replaces what a call reserved by what it used, once its device is done with it. */
  settle(call: Syscall, now: number): void {
    const { extras } = call
    const taken = extras?.taken
    if (extras === undefined || taken === undefined) return
    extras.taken = undefined
    const { usage, costUsd } = extras
    const output = usage?.output.total
    if (output !== undefined) this.#outputs.learn(output)
    if (usage?.input.total !== undefined) this.#inputs.learn((1_000 * usage.input.total) / call.inputTokens)
    const never = call.startedAt === undefined
    // A call that failed may have cost as much as any; one that never got on the device cost nothing.
    const tokens = usage === undefined ? (never ? 0 : taken.tokens) : (usage.input.total ?? 0) + (output ?? 0)
    const usd = usage === undefined ? (never ? 0 : taken.usd) : (costUsd ?? 0)
    this.#limiter.settle(taken, { tokens, usd }, now)
  }

  /** Learns from what the provider said. */
  observe(signal: RateSignal, now: number): void {
    this.#limiter.observe(signal, now)
  }

  /** Forgets the alarm: nobody waits any more. */
  rest(): void {
    this.#alarm?.cancel()
    this.#alarm = undefined
  }

  #reserve(call: Syscall, now: number): number {
    const { tokens, usd } = this.#costOf(call, this.#inputs.guess(4_000) / 1_000)
    const cost = { tokens: Math.min(tokens, this.#mostTokens), usd }
    const waitMs = this.#limiter.reserve(cost, now)
    if (waitMs === 0) call.rare().taken = { ...cost, at: this.#limiter.time }
    return waitMs
  }

  #costOf(call: Syscall, inputRatio: number): RateCost {
    const need = call.row.need?.(call)
    if (need === undefined) return { tokens: 0, usd: 0 }
    const input = Math.min(need.inputTokens, Math.ceil(call.inputTokens * inputRatio))
    const output = this.#outputs.guess(need.outputTokens)
    return { tokens: input + output, usd: input * (need.inputUsd ?? 0) + output * (need.outputUsd ?? 0) }
  }

  #wakeAt(at: number, now: number): void {
    if (this.#alarm !== undefined && this.#alarm.at <= at) return
    this.#alarm?.cancel()
    const cancel = this.#lane.later(at - now, () => {
      this.#alarm = undefined
      this.#lane.wake()
    })
    this.#alarm = { at, cancel }
  }
}
