import { AiosError } from '../error/aios-error.js'
import { describe } from '../error/describe.js'
import type { EndEntry, JournalEntry, StartEntry } from './journal-entry.js'
import type { RunHeader } from './run-header.js'
import type { RunJournal } from './run-journal.js'

/** Is a journal that can be gone through: what it begins with, and ends with if it has ended. */
export interface CheckedJournal {
  readonly header: RunHeader
  readonly lines: readonly JournalEntry[]
  readonly start: StartEntry
  readonly end: EndEntry | undefined
}

/**
 * Makes sure that a journal is whole, before anything relies on it.
 *
 * @param where - what takes the journal, for the message, such as `replay()`
 * @throws AiosError `AIOS_INVALID_OPTION` for what is no journal of an agent; `AIOS_CORRUPT` if a line is missing
 */
export function checkJournal(journal: RunJournal, where: string): CheckedJournal {
  const { header, lines } = (journal ?? {}) as Partial<RunJournal>
  if (typeof header !== 'object' || header === null || typeof header.runId !== 'string' || !Array.isArray(lines)) {
    const got = describe(journal)
    throw new AiosError('AIOS_INVALID_OPTION', `Expected a journal that readRun returned in ${where}, got ${got}.`)
  }
  if (header.state === 'traced')
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected the journal of a run of an agent in ${where}, got "${header.runId}", the trace of a process that ran none.`,
    )
  const all = lines as readonly JournalEntry[]
  const [start] = all
  if (start?.kind !== 'start') throw corrupt(header, 'it has no beginning')
  for (const [index, { n }] of all.entries())
    if (n !== index + 1) throw corrupt(header, `line ${index + 1} is missing: line ${n} stands in its place`)
  const last = all.at(-1)
  const end = last?.kind === 'end' ? last : undefined
  if (header.state !== 'running' && end === undefined)
    throw corrupt(header, 'it has ended, but the line that says how is not there')
  return { header, lines: all, start, end }
}

function corrupt({ runId }: RunHeader, what: string): AiosError {
  return new AiosError('AIOS_CORRUPT', `The journal of run "${runId}" is damaged: ${what}.`, { details: { runId } })
}
