import { AiosError } from '../error/aios-error.js'
import type { RecordStore } from '../record/record-store.js'
import { JOURNAL_SPACES } from './journal-keys.js'
import { deposed } from './kernel-lease.js'
import { decodeDeposed, decodeLease } from './lease-record.js'
import { isLongOver, termKey, termOf } from './lease-term.js'

/**
 * Forgets kernels that are long gone: deposes those whose lease ended long ago, and closes the terms of those that were
 * deposed, so that the store need not know their names any more.
 */
export async function forgetKernels(records: RecordStore, now: number): Promise<void> {
  for await (const { key, value } of records.range(JOURNAL_SPACES.kernels)) {
    const kernelId = Buffer.from(key).toString()
    if (isLongOver(termOfLease(kernelId, value), now)) await deposed(records, kernelId, now)
  }
  for await (const { key, value } of records.range(JOURNAL_SPACES.deposed)) {
    const term = termOf(decodeDeposed(value))
    if (!isLongOver(term, now)) continue
    await records.batch([
      { op: 'put', space: JOURNAL_SPACES.terms, key: termKey(term), value: new Uint8Array() },
      { op: 'remove', space: JOURNAL_SPACES.deposed, key },
    ])
  }
}

/** A lease that is damaged stays: whoever wants the runs of its kernel is told of it. */
function termOfLease(kernelId: string, value: Uint8Array): number {
  try {
    return termOf(decodeLease(kernelId, value).until)
  } catch (error) {
    if (AiosError.is(error, 'AIOS_CORRUPT')) return Number.POSITIVE_INFINITY
    throw error
  }
}
