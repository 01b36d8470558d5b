import { AiosError, listRuns, readRun } from '@aios/kernel'
import type { RecordStore, RunHeader, RunJournal } from '@aios/kernel'
import { duration, oneLine } from './one-line.js'
import { textTable, type Cell } from './text-table.js'

/** Characters of an id or name in the table. */
const NAME_CHARS = 40

/**
 * Writes the runs of a store as a table, the newest first. Costs are in US dollars.
 *
 * @param last - most runs that are shown
 */
export async function runsText(records: RecordStore, last: number): Promise<string> {
  const headers: RunHeader[] = []
  for await (const header of listRuns(records)) headers.push(header)
  if (headers.length === 0) return 'No runs.\n'
  headers.sort((a, b) => b.createdAt - a.createdAt)
  const rows: (readonly Cell[])[] = []
  for (const header of headers.slice(0, last)) rows.push(await rowOf(records, header))
  const more = headers.length - rows.length
  const rest =
    more > 0
      ? `${more} older ${more === 1 ? 'run is' : 'runs are'} not shown; --last ${headers.length} shows all.\n`
      : ''
  return `${textTable(['RUN', 'AGENT', 'STATE', 'STARTED', 'TOOK', 'LINES', 'USD'], rows)}${rest}`
}

async function rowOf(records: RecordStore, header: RunHeader): Promise<readonly Cell[]> {
  const { runId, name, state, halted, createdAt, endedAt } = header
  const took = endedAt === undefined ? '' : duration(endedAt - createdAt)
  const started = new Date(createdAt).toISOString().slice(0, 19)
  const shown = halted === undefined ? state : `halted: ${halted}`
  return [oneLine(runId, NAME_CHARS), oneLine(name, NAME_CHARS), shown, started, took, ...(await sums(records, runId))]
}

/** The number of lines and the cost; a run that cannot be read is told of, not left out. */
async function sums(records: RecordStore, runId: string): Promise<readonly [Cell, Cell]> {
  try {
    const { lines } = await readRun(records, runId)
    return [lines.length, Math.round(costOf(lines) * 1e6) / 1e6]
  } catch (error) {
    if (!AiosError.is(error, 'AIOS_CORRUPT')) throw error
    return ['damaged', '']
  }
}

function costOf(lines: RunJournal['lines']): number {
  return lines.reduce((sum, line) => sum + (line.kind === 'call' ? (line.costUsd ?? 0) : 0), 0)
}
