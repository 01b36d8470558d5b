import { AiosError } from '../error/aios-error.js'
import type { RecordStore, RecordWrite, StoredRecord } from '../record/record-store.js'
import type { JournalEntry } from './journal-entry.js'
import { blobKey, endedKey, JOURNAL_SPACES, keysOfRun, lineOfKey, textKey } from './journal-keys.js'
import { decodeLine, type BlobReader } from './line-format.js'
import { decodeHeader, type RunHeader } from './run-header.js'

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
export async function linesOf(records: RecordStore, runId: string): Promise<readonly JournalEntry[]> {
  const blobs = blobsOf(records, runId)
  const lines: JournalEntry[] = []
  for await (const { key, value } of records.range(JOURNAL_SPACES.lines, keysOfRun(runId)))
    lines.push(await decodeLine(lineOfKey(key), value, blobs))
  return lines
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

/** Writes of one commit while a run is deleted. */
const AT_ONCE = 1_000

/** Deletes a run that has ended, with everything it wrote. */
export async function deleteRun(records: RecordStore, header: RunHeader): Promise<void> {
  const { runId, endedAt } = header
  for (const space of [JOURNAL_SPACES.lines, JOURNAL_SPACES.blobs, JOURNAL_SPACES.undone]) {
    let writes: RecordWrite[] = []
    for await (const { key } of records.range(space, keysOfRun(runId))) {
      writes.push({ op: 'remove', space, key })
      if (writes.length < AT_ONCE) continue
      await records.batch(writes)
      writes = []
    }
    if (writes.length > 0) await records.batch(writes)
  }
  const writes: RecordWrite[] = [{ op: 'remove', space: JOURNAL_SPACES.runs, key: textKey(runId) }]
  if (endedAt !== undefined) writes.push({ op: 'remove', space: JOURNAL_SPACES.ended, key: endedKey(endedAt, runId) })
  await records.batch(writes)
}
