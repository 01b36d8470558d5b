import { AiosError } from '../error/aios-error.js'
import { expected } from '../error/describe.js'
import type { DeviceLimits, DriverCall } from '../driver/device-driver.js'
import type { BatchRow } from '../scheduler/batch/batch-row.js'
import type { Effect } from './syscall-row.js'
import type { StandardSchema } from './standard-schema.js'

/** Describes a syscall of a third party. */
export interface SyscallDefinition<Req = unknown, Res = unknown> {
  /** `family.verb`, lower case, not one of the built-in rows. */
  readonly name: string
  /** Any Standard Schema (zod, valibot, arktype) that validates synchronously. */
  readonly request: StandardSchema<Req>
  /**
   * Lane that the calls go through; rows with the same lane share its slots. Default: no lane, the call starts at once
   * and holds no slot.
   */
  readonly lane?: string | undefined
  /** Bounds of that lane; give them in one row of the lane only. */
  readonly limits?: DeviceLimits | undefined
  /** Serves the calls in batches, instead of `execute`; needs a lane. Default: each call by itself. */
  readonly batch?: BatchRow<Req, Res> | undefined
  /**
   * What a run that was killed does with a call of the row that had not settled: `repeatable` makes it again, `keyed` too, with
   * the same `call.key`, by which `execute` applies it once; `at-most-once` asks whoever resumes the run. Default
   * `at-most-once`.
   */
  readonly effect?: Effect | undefined
  /** Serves the call. The request is what the schema returned. */
  execute(request: Req, call: DriverCall): Res | Promise<Res>
  /**
   * Undoes a call that fulfilled, for `kernel.undo`: gets the request as `execute` got it, and what that returned. `call.key` is the key of
   * that call with `/undo` after it; it may be called again with the same key, after a crash, and has to undo once. Default: calls
   * of the row cannot be undone.
   */
  compensate?(request: Req, result: Res, call: DriverCall): void | Promise<void>
}

const NAME = /^[a-z][a-zA-Z0-9]*\.[a-z][a-zA-Z0-9]*$/

/**
 * Defines a syscall row to hand to `createKernel({ syscalls: [row] })`. Declare its types by merging into
 * `SyscallFamilies` and its error codes into `ErrorCodeRegistry`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` if the name is no `family.verb`, or the schema validates asynchronously
 * @example
 * ```ts
 * import { defineSyscall } from '@aios/kernel'
 * import { z } from 'zod'
 *
 * const today = defineSyscall({
 *   name: 'weather.today',
 *   request: z.object({ place: z.string() }),
 *   execute: ({ place }) => ({ celsius: place.length }),
 * })
 * ```
 */
export function defineSyscall<Req, Res>(definition: SyscallDefinition<Req, Res>): SyscallDefinition<Req, Res> {
  if (!NAME.test(definition.name)) {
    throw new AiosError('AIOS_INVALID_OPTION', expected('a name like "family.verb"', 'name', definition.name))
  }
  const { effect } = definition
  if (effect !== undefined && !['repeatable', 'keyed', 'at-most-once'].includes(effect)) {
    throw new AiosError('AIOS_INVALID_OPTION', expected('"repeatable", "keyed" or "at-most-once"', 'effect', effect))
  }
  if (typeof definition.execute !== 'function') {
    throw new AiosError('AIOS_INVALID_OPTION', expected('a function', 'execute', definition.execute))
  }
  if (definition.compensate !== undefined && typeof definition.compensate !== 'function') {
    throw new AiosError('AIOS_INVALID_OPTION', expected('a function', 'compensate', definition.compensate))
  }
  const standard = definition.request?.['~standard']
  if (typeof standard?.validate !== 'function') {
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      expected('a Standard Schema such as z.object({ … })', 'request', definition.request),
    )
  }
  return Object.freeze({ ...definition })
}
