/**
 * Leases belong to terms of 30 days. A kernel that lives moves from one to the next as it renews its lease; so once a term is
 * long over, only kernels that are gone, or asleep, are in it. It can be closed then, and whom it deposed be forgotten: nobody
 * writes in a closed term.
 */
const TERM_MS = 2_592_000_000

/** Returns the number of the term that a lease belongs to, from the end of the lease. */
export function termOf(until: number): number {
  return Math.floor(until / TERM_MS)
}

/** Whether every kernel that lives has left a term by now. */
export function isLongOver(term: number, now: number): boolean {
  return termOf(now) >= term + 2
}

/** Makes the key of the record that says that a term is closed. */
export function termKey(term: number): Uint8Array {
  return Buffer.from(String(term))
}
