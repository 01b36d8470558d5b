import { AiosError, readRun } from '@aios/kernel'
import type { RecordStore, RunJournal } from '@aios/kernel'
import { oneLine } from './one-line.js'
import { readableRuns } from './readable-runs.js'

/** Ids that are offered for one that is not there, and the characters of each. */
const OFFERED = { most: 3, characters: 200 } as const

/**
 * Reads a run.
 *
 * @throws AiosError `AIOS_NOT_FOUND` with the ids that are nearest; `AIOS_CORRUPT` if a line of it is damaged
 */
export async function findRun(records: RecordStore, runId: string): Promise<RunJournal> {
  try {
    return await readRun(records, runId)
  } catch (error) {
    if (!AiosError.is(error, 'AIOS_NOT_FOUND')) throw error
    // That another run is damaged is not what was asked.
    const { headers } = await readableRuns(records)
    const near = headers
      .map(({ runId: id }) => ({ id, far: distance(id, runId) }))
      .sort((a, b) => a.far - b.far)
      .slice(0, OFFERED.most)
      .map(({ id }) => `"${oneLine(id, OFFERED.characters)}"`)
    const nearest = near.length === 1 ? `The only one is ${near[0]}` : `The nearest are ${near.join(', ')}`
    const offer = near.length === 0 ? 'There are no runs in this data directory.' : `${nearest}; "aios runs" lists all.`
    throw new AiosError('AIOS_NOT_FOUND', `Expected the id of a run, got "${runId}". ${offer}`)
  }
}

/** Counts the characters to change, add or leave out between two texts. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same)
    }
    row = next
  }
  return row[b.length] ?? 0
}
