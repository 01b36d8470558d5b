import { createHash } from 'node:crypto'
import { RECORD_BOUNDS } from '@aios/kernel/driver'

/** Returns the name under which the result of a call is recorded: its key, of which the path is shortened if it is too long. */
export function resultName(key: string): string {
  if (Buffer.byteLength(key) <= RECORD_BOUNDS.keyBytes) return key
  const run = key.slice(0, key.lastIndexOf('/') + 1)
  return `${run}-${createHash('sha256').update(key).digest('hex')}`
}

/** Returns the range in which the results of a run are; those of runs whose id begins with this one's and a slash are too. */
export function resultsOfRun(runId: string): { readonly from: Uint8Array; readonly to: Uint8Array } {
  // "0" is what comes after "/".
  return { from: Buffer.from(`${runId}/`), to: Buffer.from(`${runId}0`) }
}

/** Whether a record of that range belongs to the run itself. */
export function isOfRun(runId: string, key: Uint8Array): boolean {
  return !Buffer.from(key)
    .subarray(Buffer.byteLength(runId) + 1)
    .includes('/')
}
