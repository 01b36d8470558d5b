import { createHash } from 'node:crypto'
import { RECORD_BOUNDS } from '@aios/kernel/driver'

/** Returns the name under which the result of a call is recorded: its key, of which the path is shortened if it is too long. */
export function resultName(key: string): string {
  if (Buffer.byteLength(key) <= RECORD_BOUNDS.keyBytes) return key
  return `${resultRun(key)}-${createHash('sha256').update(key).digest('hex')}`
}

/** Returns what the names of all results of a run begin with. */
export function resultRun(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1)
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
