import type { Resume } from '../driver/llm-driver.js'
import type { AiosError } from '../error/aios-error.js'
import type { BreakerOptions } from '../limiter/breaker.js'
import type { RateLimits } from '../limiter/rate-limits.js'
import type { RateSignal } from '../limiter/rate-signal.js'
import type { Device } from '../syscall/syscall-row.js'
import type { Syscall } from '../syscall/syscall.js'
import type { BatchRows } from './batch/batch-row.js'
import type { Lane } from './lane.js'
import type { PolicyDefinition } from './policy.js'

/** Is what a lane needs of the kernel around it. */
export interface LaneHost {
  now(): number
  defer(callback: () => void): void
  /** Calls back after a time that a call waits; returns how to cancel that. */
  later(delayMs: number, callback: () => void): () => void
  /** Returns a number from 0 to below 1. */
  random(): number
  /** Is told that the provider behind the lane refused, or asked for a pause. */
  limited(lane: Lane, signal: RateSignal): void
  /** Puts a call that has just got a slot on the device; the call gives the slot back by `release`. `now`: the time, if it was just read. */
  begin(call: Syscall, now: number | undefined): void
  /** Goes on where the pump stopped to let others have their turn. */
  resume(lane: Lane): void
  /** Is told when the lane turns a call away (`saturated`), and when it has room again. */
  laneChanged(lane: Lane, saturated: boolean): void
  /** Is told that a slot was given back. */
  released(lane: Lane): void
  /** Is told that the core of the lane is kept from calls, because so many attempts in a row found it down, and that it answers again. */
  tripped(lane: Lane, failures: number, errorCode: string): void
  recovered(lane: Lane, downMs: number): void
  /** Rejects a call that waits; it is in no queue any more. */
  refuse(call: Syscall, error: AiosError): void
  /** Ends a call that waits and can no longer be done in time; it is in no queue any more. */
  shed(call: Syscall): void
  /** Is told after a call left the queue, for those who wait for room. */
  laneMoved(lane: Lane): void
}

/** Is how a lane is made. */
export interface LaneSeed {
  readonly id: string
  readonly device: Device
  readonly concurrency: number
  readonly depth: number
  readonly policy: PolicyDefinition
  /** Attempts of one call of a core. */
  readonly maxAttempts?: number | undefined
  /** When a core is given a rest; false: never. */
  readonly breaker?: BreakerOptions | false | undefined
  /** What the provider behind the device allows. */
  readonly limits?: RateLimits | undefined
  /** How calls that are cut go on. */
  readonly resume?: Resume | undefined
  /** The syscalls that the device serves in batches. */
  readonly batches?: BatchRows | undefined
}
