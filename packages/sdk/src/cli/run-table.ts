import { AiosError, readRun } from '@aios/kernel'
import type { RecordStore, RunHeader, RunJournal } from '@aios/kernel'
import { duration, oneLine } from './one-line.js'
import { readableRuns } from './readable-runs.js'
import { textTable, type Cell } from './text-table.js'

/** Characters of an id, which somebody may want to copy, and of a name. */
const WIDTH = { id: 200, name: 40 } as const

/** Is a run as the list shows it. */
export interface ListedRun extends RunHeader {
  /** Number of its lines; undefined where they are damaged. */
  readonly lines: number | undefined
  /** What its calls cost, in US dollars; undefined where its lines are damaged. */
  readonly costUsd: number | undefined
}

/** Is the newest runs of a store. */
export interface RunList {
  /** The newest first. */
  readonly runs: readonly ListedRun[]
  /** How many there are in all that can be read. */
  readonly total: number
  /** What is wrong with the others. */
  readonly fault: AiosError | undefined
}

/**
 * Lists the runs of a store, the newest first.
 *
 * @param last - most runs that are listed
 */
export async function runList(records: RecordStore, last: number): Promise<RunList> {
  const { headers, fault } = await readableRuns(records)
  headers.sort((a, b) => b.createdAt - a.createdAt)
  const runs: ListedRun[] = []
  for (const header of headers.slice(0, last)) {
    const found = await sums(records, header.runId)
    if (found !== undefined) runs.push({ ...header, ...found })
  }
  return { runs, total: headers.length, fault }
}

/** Writes a list of runs as a table. */
export function runsText({ runs, total }: Omit<RunList, 'fault'>): string {
  if (total === 0) return 'No runs.\n'
  const more = total - runs.length
  const rest =
    more > 0 ? `${more} older ${more === 1 ? 'run is' : 'runs are'} not shown; --last ${total} shows all.\n` : ''
  return `${textTable(['RUN', 'AGENT', 'STATE', 'STARTED (UTC)', 'TOOK', 'LINES', 'USD'], runs.map(cellsOf))}${rest}`
}

function cellsOf({ runId, name, state, halted, createdAt, endedAt, lines, costUsd }: ListedRun): readonly Cell[] {
  const took = endedAt === undefined ? '' : duration(endedAt - createdAt)
  const started = new Date(createdAt).toISOString().slice(0, 19)
  const shown = halted === undefined ? state : `halted: ${oneLine(halted, WIDTH.name)}`
  return [oneLine(runId, WIDTH.id), oneLine(name, WIDTH.name), shown, started, took, lines ?? 'damaged', costUsd ?? '']
}

/** The number of lines and the cost. A run that cannot be read is told of, not left out; undefined for one that is gone. */
async function sums(records: RecordStore, runId: string): Promise<Pick<ListedRun, 'lines' | 'costUsd'> | undefined> {
  try {
    const { lines } = await readRun(records, runId)
    return { lines: lines.length, costUsd: Math.round(costOf(lines) * 1e6) / 1e6 }
  } catch (error) {
    // A living kernel may have cleared it away since it was listed.
    if (AiosError.is(error, 'AIOS_NOT_FOUND')) return undefined
    if (!AiosError.is(error, 'AIOS_CORRUPT')) throw error
    return { lines: undefined, costUsd: undefined }
  }
}

function costOf(lines: RunJournal['lines']): number {
  return lines.reduce((sum, line) => sum + (line.kind === 'call' ? (line.costUsd ?? 0) : 0), 0)
}
