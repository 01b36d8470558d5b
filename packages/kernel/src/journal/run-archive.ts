import { AiosError } from '../error/aios-error.js'
import type { RecordStore, RecordWrite, StoredRecord } from '../record/record-store.js'
import { EXECUTIONS } from './execution.js'
import type { EndEntry, JournalEntry, StartEntry } from './journal-entry.js'
import {
  blobKey,
  JOURNAL_SPACES,
  keysOfRun,
  lineKey,
  lineOfKey,
  orphanKey,
  orphanOf,
  runOfEnded,
  textKey,
} from './journal-keys.js'
import { decodeLine, type BlobReader } from './line-format.js'
import { decodeHeader, type Departure, type RunHeader } from './run-header.js'

/** Returns what is known of a run, with the record that says so; undefined if there is none of that id. */
export async function findRun(
  records: RecordStore,
  runId: string,
): Promise<{ readonly header: RunHeader; readonly record: StoredRecord } | undefined> {
  const record = await records.get(JOURNAL_SPACES.runs, textKey(runId))
  return record === undefined ? undefined : { header: decodeHeader(record.value), record }
}

/**
 * Reads all lines of a run, in their order.
 *
 * @throws AiosError `AIOS_CORRUPT` if one is damaged or missing
 */
export async function linesOf(
  records: RecordStore,
  { runId, state }: Pick<RunHeader, 'runId' | 'state'>,
): Promise<readonly JournalEntry[]> {
  const blobs = blobsOf(records, runId)
  const lines: JournalEntry[] = []
  for await (const { key, value } of records.range(JOURNAL_SPACES.lines, keysOfRun(runId))) {
    const n = lineOfKey(key)
    // The trace of a process that runs no agent loses its oldest lines.
    if (state !== 'traced' && n !== lines.length + 1)
      throw new AiosError(
        'AIOS_CORRUPT',
        `The journal of run "${runId}" is damaged: line ${lines.length + 1} is missing, line ${n} stands in its place.`,
        { details: { runId } },
      )
    lines.push(await decodeLine(n, value, blobs))
  }
  return lines
}

/**
 * Reads the first line of a run.
 *
 * @throws AiosError `AIOS_CORRUPT` if it is damaged or missing
 */
export async function startOfRun(records: RecordStore, runId: string): Promise<StartEntry> {
  const found = await records.get(JOURNAL_SPACES.lines, lineKey(runId, 1))
  const line = found && (await decodeLine(1, found.value, blobsOf(records, runId)))
  if (line?.kind === 'start') return line
  throw new AiosError('AIOS_CORRUPT', `Run "${runId}" has no beginning in the journal.`)
}

/**
 * Reads the last line of a run that has ended.
 *
 * @throws AiosError `AIOS_CORRUPT` if it is damaged or missing
 */
export async function endOfRun(records: RecordStore, runId: string): Promise<EndEntry> {
  for await (const { key, value } of records.range(JOURNAL_SPACES.lines, {
    ...keysOfRun(runId),
    reverse: true,
    limit: 1,
  })) {
    const line = await decodeLine(lineOfKey(key), value, blobsOf(records, runId))
    if (line.kind === 'end') return line
  }
  throw new AiosError('AIOS_CORRUPT', `Run "${runId}" has ended, but the line that says how is not there.`)
}

/** Finds the large content of a run. */
export function blobsOf(records: RecordStore, runId: string): BlobReader {
  return async (name) => {
    const found = await records.get(JOURNAL_SPACES.blobs, blobKey(runId, name))
    if (found === undefined)
      throw new AiosError('AIOS_CORRUPT', `Run ${runId} refers to content that is not there: ${name}.`)
    return found.value
  }
}

/** Returns the ids of the runs that have not ended. */
export async function openRuns(records: RecordStore): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const { key } of records.range(JOURNAL_SPACES.open)) ids.push(Buffer.from(key).toString())
  return ids
}

/** Whether a run has ended, and so have all that detached processes left it for. */
export async function isThrough(records: RecordStore, runId: string): Promise<boolean> {
  if ((await records.get(JOURNAL_SPACES.open, textKey(runId))) !== undefined) return false
  for await (const mark of records.range(JOURNAL_SPACES.orphans, keysOfRun(runId)))
    if (!(await isThrough(records, orphanOf(mark)))) return false
  return true
}

/** Writes of one commit while a run is deleted. */
const AT_ONCE = 1_000

/**
 * Deletes a run that has ended, with everything it wrote, unless the run of a detached process began in it and is still there;
 * returns whether it is gone.
 *
 * @param ended - the key by which it is found by its age
 */
export async function deleteRun(records: RecordStore, ended: Uint8Array): Promise<boolean> {
  const runId = runOfEnded(ended)
  for await (const { key } of records.range(JOURNAL_SPACES.orphans, { ...keysOfRun(runId), limit: 1 }))
    if (key.length > 0) return false
  const writes: RecordWrite[] = [{ op: 'remove', space: JOURNAL_SPACES.ended, key: ended }]
  if (await hasEnded(records, runId)) {
    const from = await departureOf(records, runId)
    if (from !== undefined)
      writes.push({ op: 'remove', space: JOURNAL_SPACES.orphans, key: orphanKey(from.runId, runId) })
    for (const space of [JOURNAL_SPACES.lines, JOURNAL_SPACES.blobs, JOURNAL_SPACES.undone, EXECUTIONS])
      await deleteAll(records, space, runId)
    writes.push({ op: 'remove', space: JOURNAL_SPACES.runs, key: textKey(runId) })
  }
  await records.batch(writes)
  return true
}

/** Returns the run that another left; undefined also for one that is damaged. */
async function departureOf(records: RecordStore, runId: string): Promise<Departure | undefined> {
  try {
    return (await findRun(records, runId))?.header.from
  } catch (error) {
    if (AiosError.is(error, 'AIOS_CORRUPT')) return undefined
    throw error
  }
}

/** Whether a run has ended: one of the same id may have begun since another kernel deleted it. What is damaged has ended too. */
async function hasEnded(records: RecordStore, runId: string): Promise<boolean> {
  try {
    return (await findRun(records, runId))?.header.state !== 'running'
  } catch (error) {
    if (AiosError.is(error, 'AIOS_CORRUPT')) return true
    throw error
  }
}

async function deleteAll(records: RecordStore, space: string, runId: string): Promise<void> {
  let writes: RecordWrite[] = []
  for await (const { key } of records.range(space, keysOfRun(runId))) {
    writes.push({ op: 'remove', space, key })
    if (writes.length < AT_ONCE) continue
    await records.batch(writes)
    writes = []
  }
  await records.batch(writes)
}
