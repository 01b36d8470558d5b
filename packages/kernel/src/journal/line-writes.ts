import { createHash } from 'node:crypto'
import { AiosError } from '../error/aios-error.js'
import { errorText } from '../error/error-text.js'
import { RECORD_BOUNDS, type RecordWrite } from '../record/record-store.js'
import type { PendingEntry } from './journal-entry.js'
import { blobKey, JOURNAL_SPACES, lineKey } from './journal-keys.js'
import { encodeLine, type BlobWriter } from './line-format.js'

/** Is a run as its lines know it. */
export interface LinesOf {
  readonly id: string
  /** Names of the large content that is stored already. */
  readonly blobs: Set<string>
  /** Why a line of it could not be stored: nothing that came after is there either. */
  lost?: Error | undefined
}

/** Is a line of a run. */
interface Line {
  readonly run: LinesOf
  readonly entry: PendingEntry
  /** How much room it takes, roughly. */
  readonly bytes: number
}

/** Is another write that is committed in its place among the lines. */
interface Aside {
  /** The run it is of, which stops if it cannot be made. */
  readonly run: LinesOf | undefined
  readonly write: RecordWrite
}

/** Is what is committed: several of them together. */
export type LogItem = readonly (Line | Aside)[]

/** Names of large content that a run remembers as stored; beyond it some is written again, which changes nothing. */
const KNOWN_BLOBS = 4_096

/** Lists the runs that an item is of. */
export function runsOf(item: LogItem): readonly LinesOf[] {
  return [...new Set(item.flatMap(({ run }) => (run === undefined ? [] : [run])))]
}

/** Returns how much room an item takes until it is committed. */
export function roomOf(item: LogItem): number {
  return item.reduce((sum, each) => sum + ('entry' in each ? each.bytes : 0), 0)
}

/**
 * Turns an item into writes.
 *
 * @throws AiosError `AIOS_NOT_CLONEABLE` for a line that cannot be encoded, `AIOS_QUOTA_EXCEEDED` for a write that no store takes
 */
export function writesOf(item: LogItem): readonly RecordWrite[] {
  const writes = item.flatMap((each) => ('entry' in each ? encoded(each) : [each.write]))
  for (const write of writes) checkBounds(write)
  return writes
}

function encoded({ run, entry }: Line): readonly RecordWrite[] {
  try {
    return lineWrites(run, entry)
  } catch (error) {
    throw new AiosError(
      'AIOS_NOT_CLONEABLE',
      `Line ${entry.n} of run "${run.id}", of kind "${entry.kind}", cannot be encoded: ${errorText(error)}`,
      { cause: error, details: { runId: run.id, line: entry.n } },
    )
  }
}

function checkBounds(write: RecordWrite): void {
  const { keyBytes, valueBytes } = RECORD_BOUNDS
  const bytes = write.op === 'put' ? write.value.length : 0
  if (write.key.length <= keyBytes && bytes <= valueBytes) return
  throw new AiosError(
    'AIOS_QUOTA_EXCEEDED',
    `Expected at most ${keyBytes} bytes of key and ${valueBytes} of value for a record in "${write.space}", got ${write.key.length} and ${bytes}.`,
    { details: { space: write.space, keyBytes: write.key.length, valueBytes: bytes } },
  )
}

/** Makes one commit of writes, which may have one for each key: of several the last. */
export function distinct(writes: readonly RecordWrite[]): readonly RecordWrite[] {
  const last = new Map<string, RecordWrite>()
  const lines: RecordWrite[] = []
  for (const write of writes) {
    // No line is written twice.
    if (write.op === 'put' && write.space === JOURNAL_SPACES.lines) lines.push(write)
    else last.set(`${write.space}:${Buffer.from(write.key).toString('latin1')}`, write)
  }
  return [...lines, ...last.values()]
}

/** Turns a line of a run into writes: its large content first. */
export function lineWrites(run: LinesOf, entry: PendingEntry): readonly RecordWrite[] {
  const writes: RecordWrite[] = []
  const blobs: BlobWriter = {
    keep(bytes) {
      const name = createHash('sha256').update(bytes).digest('base64url').slice(0, 32)
      if (!run.blobs.has(name)) {
        if (run.blobs.size >= KNOWN_BLOBS) run.blobs.clear()
        run.blobs.add(name)
        writes.push({ op: 'put', space: JOURNAL_SPACES.blobs, key: blobKey(run.id, name), value: bytes })
      }
      return name
    },
  }
  const value = encodeLine(entry, blobs)
  writes.push({ op: 'put', space: JOURNAL_SPACES.lines, key: lineKey(run.id, entry.n), value })
  return writes
}
