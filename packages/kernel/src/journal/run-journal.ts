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

/** Iterates over what is known of each run that a journal holds, by run id. */
export async function* listRuns(records: RecordStore): AsyncIterable<RunHeader> {
  for await (const { value } of records.range(JOURNAL_SPACES.runs)) yield decodeHeader(value)
}
