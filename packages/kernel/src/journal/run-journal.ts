import type { RecordStore } from '../record/record-store.js'
import { AiosError } from '../error/aios-error.js'
import type { JournalEntry } from './journal-entry.js'
import { Families, mergedLines } from './lineage.js'
import { findRun, linesOf } from './run-archive.js'
import { decodeHeader, type RunHeader } from './run-header.js'
import { JOURNAL_SPACES } from './journal-keys.js'

/** Is a run as the journal holds it: plain data, read with `readRun`. */
export interface RunJournal {
  readonly header: RunHeader
  /** All lines, in their order; the first is the start. */
  readonly lines: readonly JournalEntry[]
}

/**
 * Reads a run.
 *
 * @param records - the store of the kernel that made the run, open
 * @throws AiosError `AIOS_NOT_FOUND` if there is none of this id; `AIOS_CORRUPT` if a line of it is damaged
 */
export async function readRun(records: RecordStore, runId: string): Promise<RunJournal> {
  const found = await findRun(records, runId)
  if (found === undefined) throw new AiosError('AIOS_NOT_FOUND', `The journal holds no run "${runId}".`)
  const lines = await linesOf(records, found.header)
  const lineage = await new Families(records).lineageOf(found.header)
  return { header: found.header, lines: lineage === undefined ? lines : mergedLines(lines, lineage) }
}

/**
 * Iterates over what is known of each run that a journal holds, by run id. A run that cannot be read keeps nobody from the others:
 * only once these are through, the iteration rejects.
 *
 * @throws AiosError `AIOS_CORRUPT` if what is known of a run is damaged; `AIOS_STORE_UNAVAILABLE` if a newer version wrote it
 */
export async function* listRuns(records: RecordStore): AsyncIterable<RunHeader> {
  let from: Uint8Array | undefined
  let fault: AiosError | undefined
  for (;;) {
    try {
      for await (const { value } of records.range(JOURNAL_SPACES.runs, { from })) {
        const header = headerOrFault(value)
        if (!AiosError.is(header)) yield header
        else fault ??= header
      }
      break
    } catch (error) {
      const damaged = damagedKey(error)
      if (damaged === undefined || (from !== undefined && Buffer.compare(damaged, from) < 0)) throw error
      fault ??= error as AiosError
      from = Buffer.concat([damaged, Buffer.of(0)])
    }
  }
  if (fault !== undefined) throw fault
}

function headerOrFault(value: Uint8Array): RunHeader | AiosError {
  try {
    return decodeHeader(value)
  } catch (error) {
    if (AiosError.is(error)) return error
    throw error
  }
}

/** The key of the record that a store found changed behind its back. */
function damagedKey(error: unknown): Uint8Array | undefined {
  const key = AiosError.is(error, 'AIOS_CORRUPT') ? error.details['key'] : undefined
  return key instanceof Uint8Array ? key : undefined
}
