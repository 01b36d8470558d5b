import type { DeviceDriver } from '../kernel-api.js'
import type { RowCounter } from '../event/metrics.js'
import type { Usage } from '../driver/chat.js'
import type { Need } from '../process/budget.js'
import type { Validate } from './shape.js'
import type { Lane } from '../scheduler/lane.js'
import type { Syscall } from './syscall.js'

/** Says what the kernel does with a call of a row once it passed the trap's checks. */
export interface SyscallRow {
  /** `family.verb`. */
  readonly name: string
  /** Returns what is wrong with a request, or undefined. */
  readonly validate: Validate
  /**
   * `device`: the call needs a slot of the lane that `route` chose. `direct`: it runs at once, without a slot, and is done
   * with what `execute` returns. `waits`: as `direct`, but its time counts as sleeping.
   */
  readonly runs: 'device' | 'direct' | 'waits'
  /** What the facade returns: a promise of the result, or a stream of parts. */
  readonly returns: 'promise' | 'stream'
  /**
   * Chooses the device and lane, and checks the grants; throws to refuse. May be asynchronous, for a driver that has to
   * prepare the call.
   */
  route(call: Syscall): void | Promise<void>
  /** Serves the call: on the device's slot, or at once. */
  execute(call: Syscall): unknown
  /** Says what a call may use at most, where budgets of tokens or money apply to the row. */
  need?(call: Syscall): Need
  /** Whether a call may be made again when its device failed in passing. Default: no. */
  readonly repeats?: boolean
  /**
   * Chooses another device for a call whose own failed in passing, or is down, before anything of an answer was delivered;
   * undefined if there is none. Where its row has none, a call keeps its device.
   */
  elsewhere?(call: Syscall): Detour | undefined
  /** Is told that the device has begun to answer a call. */
  answers?(call: Syscall): void
  /** Is told that the device is done with an attempt of a call, before its slot is free. */
  attempted?(call: Syscall, fulfilled: boolean, value: unknown): void
  /**
   * What a run that was killed does with a call of the row that had not settled. `repeatable`: makes it again. `keyed`: too, and
   * the driver, which is given the same key, applies it once. `at-most-once`: the journal holds the intent before the device
   * has the call, and whoever resumes the run has to say what became of it.
   */
  readonly effect: Effect | ((call: Syscall) => Effect)
  /** Undoes a call of the row that fulfilled, whose request the call now has. It may be called again under the same key. */
  compensate?(call: Syscall, result: unknown): unknown
  /** Returns the request as plain data, where it holds something else. */
  plain?(request: unknown): unknown
  /** Does what has to happen again when a recorded result is delivered instead of making the call. */
  replayed?(call: Syscall, result: unknown): void
  /** Whether calls of the row are taken from no budget of calls. Default: no. */
  readonly free?: boolean
  /** Estimates the input of a call in tokens, cheaply, for whoever shares the lane out. Default 1. */
  inputTokens?(call: Syscall): number
  /** Tells steps of one agent apart, for a policy that learns how long each takes; only asked by those. */
  kind?(call: Syscall): string | undefined
  /** Bounds the output of a call to what its budgets reserved. */
  clip?(call: Syscall, outputTokens: number): void
  /** Reads the usage out of a result, where results carry one. */
  usage?(call: Syscall, result: unknown): Usage | undefined
}

/** Is another device for a call. */
export interface Detour {
  readonly lane: Lane
  /** Sends the call there, once it has given back what it held. */
  take(): void
}

/** Says what becomes of a call that its run was killed under. */
export type Effect = 'repeatable' | 'keyed' | 'at-most-once'

/** Is the device that serves a call. */
export type Device = DeviceDriver | { readonly kind: 'custom'; readonly id: string }

/** Is what a row's `execute` returns when somebody else will deliver the result: a message, a child's end. */
export const PENDING: unique symbol = Symbol('pending')

/** Is a row as one kernel has it: with its own counters. */
export interface TableRow extends SyscallRow {
  readonly counter: RowCounter
}
