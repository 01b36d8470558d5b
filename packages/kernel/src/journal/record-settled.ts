import type { Outcome } from '../event/metrics.js'
import type { Syscall } from '../syscall/syscall.js'
import type { CallRecord } from './journal-scope.js'

/** Writes how a call settled, unless it was answered from the journal. */
export function recordSettled(call: Syscall, outcome: Outcome, value: unknown): void {
  const record = call.record as CallRecord
  if (record.entry === undefined) record.run.settled(call, outcome, value)
  else record.run.replay?.settledEarly()
}

/**
 * Keeps back what a call came to while an earlier life of its run is gone through; returns whether it did.
 *
 * @param go - delivers it later
 */
export function keepBack(call: Syscall, go: () => void): boolean {
  return call.record?.run.replay?.keepBack(call, go) ?? false
}
