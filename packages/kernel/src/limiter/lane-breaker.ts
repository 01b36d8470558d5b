import type { AiosError } from '../error/aios-error.js'
import type { Syscall } from '../syscall/syscall.js'
import { Alarm, type Later } from '../time/alarm.js'
import { Breaker, verdictOf, type BreakerOptions } from './breaker.js'

/** Is what a {@link LaneBreaker} needs of its lane. */
export interface BreakableLane {
  readonly id: string
  readonly later: Later
  now(): number
  /** Starts, or rejects, what is due. */
  wake(): void
  tripped(failures: number, errorCode: string): void
  recovered(downMs: number): void
}

/** Keeps the calls of a lane from a provider that is down. */
export class LaneBreaker {
  readonly #breaker: Breaker
  readonly #lane: BreakableLane
  readonly #alarm: Alarm

  constructor(options: BreakerOptions, lane: BreakableLane) {
    this.#breaker = new Breaker(options)
    this.#lane = lane
    this.#alarm = new Alarm(lane.later, () => {
      lane.wake()
    })
  }

  /** Whether only probes are sent. */
  get tripped(): boolean {
    return this.#breaker.tripped
  }

  /** Whether a call may start now. */
  admits(now: number): boolean {
    return this.#breaker.waitMs(now) === 0
  }

  /** Returns the error of calls that are not to wait; undefined while they are. */
  refusal(now: number): AiosError | undefined {
    if (this.#breaker.givesUpInMs(now) > 0) return undefined
    return this.#breaker.refusal(`The core of lane ${this.#lane.id}`, now)
  }

  /** Wakes the lane when the next probe may start, or waiting is over. */
  ringWhenDue(now: number): void {
    const dueMs = Math.min(this.#breaker.waitMs(now), this.#breaker.givesUpInMs(now))
    if (dueMs < Number.POSITIVE_INFINITY) this.#alarm.ringAt(now + Math.ceil(dueMs), now)
  }

  /** Forgets the alarm: nobody waits any more. */
  rest(): void {
    this.#alarm.rest()
  }

  /** Is told that a call starts. */
  started(call: Syscall): void {
    this.#breaker.started(call)
  }

  /** Is told that a call is off the device. */
  released(call: Syscall): void {
    this.#breaker.released(call)
  }

  /** Is told that an attempt succeeded. */
  succeeded(): void {
    const downMs = this.#breaker.answered(() => this.#lane.now())
    if (downMs === undefined) return
    this.#lane.recovered(downMs)
    const now = this.#lane.now()
    // Whoever frees the slot starts the next, except where the answer came from a call on a slot of another.
    this.#alarm.rest()
    this.#alarm.ringAt(now, now)
  }

  /** Is told what an attempt failed with. */
  failed(call: Syscall, error: unknown): void {
    const verdict = verdictOf(error)
    if (verdict === 'answered') this.succeeded()
    if (verdict !== 'down') return
    const failures = this.#breaker.failed(call, error as AiosError, this.#lane.now())
    if (failures !== undefined) this.#lane.tripped(failures, (error as AiosError).code)
  }
}
