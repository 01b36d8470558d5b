import type { Clock } from '../time/clock.js'
import type { Logger } from '../lifetime/logger.js'
import type { BreakerOptions } from '../limiter/breaker.js'
import type { RateLimits } from '../limiter/rate-limits.js'
import type { RateSignal } from '../limiter/rate-signal.js'
import type { RecordStore } from '../record/record-store.js'
import type { BatchRow } from '../scheduler/batch/batch-row.js'
import type { Sys } from '../syscall/sys.js'

/** Bounds what the kernel sends to one device. Unknown keys are rejected. */
export interface DeviceLimits {
  /** Most calls on the device at once; a positive integer or `Infinity`. Default per kind in `limits.ts`. */
  readonly concurrency?: number | undefined
  /** Most calls waiting in the lane; beyond it calls reject with `AIOS_QUEUE_FULL`. */
  readonly depth?: number | undefined
}

/** Bounds what the kernel sends to one core, and what that sends to its provider. Unknown keys are rejected. */
export interface CoreLimits extends DeviceLimits, RateLimits {
  /** Attempts of one call, the first included, where an error may pass; from 1, which never tries again. Default 4. */
  readonly maxAttempts?: number | undefined
  /**
   * When the core is given a rest because its provider is down (server error, network, overload, timeout; nothing else
   * counts). Calls then wait for a probe to succeed, and reject once that takes too long; see {@link BreakerOptions}. `false`
   * sends whatever comes. Default: after 5 failures in a row.
   */
  readonly breaker?: BreakerOptions | false | undefined
}

/** Is what a driver gets once, when the kernel opens it. */
export interface DriverServices {
  /** The kernel's clock. Drivers take time only from here, so that tests can turn it. */
  readonly clock: Clock
  readonly log: Logger
  /** The kernel's record store, open while the driver is: for what has to outlive the process. */
  readonly records: RecordStore
}

/**
 * Describes the call that a driver method serves. Everything on it is made on first use, so reading nothing costs nothing.
 */
export interface DriverCall {
  /** Id of the syscall, unique within the kernel. */
  readonly id: number
  /** Pid of the calling process. */
  readonly pid: number
  /** Name of the calling agent. */
  readonly agent: string
  /** Memory namespace of the calling process. */
  readonly namespace: string
  /** Names the run: the same for a root process and all its descendants. */
  readonly runId: string
  /**
   * Names the call in its run, over every life of that run: the same key means the same call again, so whoever changes
   * something keeps it with the change, and answers from there when it comes again. undefined without a journal.
   */
  readonly key: string | undefined
  /**
   * Aborts when the caller gave up, was killed, or ran out of time. A driver should stop then; the kernel
   * drops whatever it returns later and takes its slot back after `limits.abandonAfterMs`.
   */
  readonly signal: AbortSignal
  /** Makes further syscalls as children of this call: under the caller's pid, grants and budget. */
  readonly sys: Sys
  /**
   * Tells the kernel what a provider said about its limits, so that it sends no more than that bears. Call it for every
   * answer and every refusal, before returning or throwing.
   */
  observe(signal: RateSignal): void
}

/**
 * Is what every driver has. `open` is called once before the first call, `close` once after the last one.
 */
export interface DriverBase {
  /** Unique among the devices of its kind, such as `main` or `embedded`. */
  readonly id: string
  readonly limits?: DeviceLimits | undefined
  /**
   * The syscalls of the driver's own family that it serves in batches, by name, such as `memory.add`. Their calls go to `run`
   * instead of the method. Default: none. `llm.stream` cannot be batched, nor what takes no slot of the lane.
   */
  readonly batches?: Readonly<Record<string, BatchRow | undefined>> | undefined
  open?(services: DriverServices): void | Promise<void>
  close?(): void | Promise<void>
  /**
   * Is told that a run has ended and will not be taken up again, so that whatever was kept under the keys of its calls, which
   * begin with its id and a slash, can go. A run's end may be told more than once, and of a run that never came here.
   *
   * @param runId - may be followed by a slash and more in the id of another run
   */
  forget?(runId: string): void | Promise<void>
}
