import type { DriverCall } from '../../driver/device-driver.js'
import { callable, optional, real, shape, whole, type Validate } from '../../syscall/shape.js'

/** Is one call of a batch. It settles as soon as the driver says so, whatever becomes of the others. */
export interface BatchItem<Request = unknown, Result = unknown> {
  /** What the driver's method would have been given. */
  readonly request: Request
  /** The call that it serves: its own pid, namespace, signal and `sys`. */
  readonly call: DriverCall
  /** Ends the call well. What is said of it later is ignored. */
  resolve(result: Result): void
  /** Ends the call badly, and no other: an `AiosError`, or anything else, which becomes `AIOS_DRIVER_FAILED` with the cause. */
  reject(error: unknown): void
}

/**
 * Says that a driver serves the calls of one syscall in batches, and when a batch is closed: by its size or by time, never
 * because the queue happens to be empty. A batch holds one slot of its lane, from its start until the driver is done with
 * all its calls, so `limits.concurrency` counts batches.
 *
 * @example
 * ```ts
 * import type { BatchRow, CoreReply, CoreRequest } from '@aios/kernel/driver'
 *
 * declare function generate(prompts: readonly CoreRequest[]): Promise<readonly CoreReply[]>
 *
 * const chat: BatchRow<CoreRequest, CoreReply> = {
 *   maxSize: 32,
 *   maxWaitMs: 0, // whatever queued while the last batch ran
 *   async run(items) {
 *     const replies = await generate(items.map(({ request }) => request))
 *     for (const [index, reply] of replies.entries()) items[index]?.resolve(reply)
 *   },
 * }
 * ```
 */
export interface BatchRow<Request = unknown, Result = unknown> {
  /** Most calls of a batch; a whole number from 1. Default 10. */
  readonly maxSize?: number | undefined
  /**
   * Longest that a call waits for others while a slot is free, in milliseconds from 0. Default 100. With 0 a batch starts at
   * once when a slot is free, with whatever queued while all were taken.
   */
  readonly maxWaitMs?: number | undefined
  /**
   * Names the kind of a request, such as its model or its namespace. A batch of several kinds is split: `run` is called once
   * for each, side by side. Default: all are of one kind. What it throws rejects that call only.
   */
  key?(request: Request): string
  /**
   * Serves the calls of one kind, in no async context: it works for many callers. What it throws, or what it leaves unsettled
   * when it is done, rejects with `AIOS_DRIVER_FAILED` those calls that it has not settled.
   *
   * @param items - the calls in the order in which they joined, at least one; those given up by now are left out
   */
  run(items: readonly BatchItem<Request, Result>[]): void | Promise<void>
}

/** Says of which syscalls a device serves batches, by name. */
export type BatchRows = ReadonlyMap<string, BatchRow>

/** Is a {@link BatchRow} with everything said. */
export interface FullBatchRow {
  readonly maxSize: number
  readonly maxWaitMs: number
  readonly row: BatchRow
}

/** Fills in what a row does not say. */
export function withDefaults(row: BatchRow): FullBatchRow {
  return { maxSize: row.maxSize ?? 10, maxWaitMs: row.maxWaitMs ?? 100, row }
}

/** Collects what a driver declares. */
export function batchRowsOf(batches: Readonly<Record<string, BatchRow | undefined>> | undefined): BatchRows {
  const rows = new Map<string, BatchRow>()
  for (const [name, row] of Object.entries(batches ?? {})) if (row !== undefined) rows.set(name, row)
  return rows
}

const row = shape({
  maxSize: optional(whole(1, Number.MAX_SAFE_INTEGER)),
  maxWaitMs: optional(real(0, Number.POSITIVE_INFINITY)),
  key: optional(callable),
  run: callable,
})

/** Accepts a {@link BatchRow}. */
export const batchRow: Validate = row

/** Makes the check of what a driver declares: rows for these syscalls and no others. */
export function batchesOf(names: readonly string[]): Validate {
  return optional(shape(Object.fromEntries(names.map((name) => [name, optional(row)]))))
}
