/** What of the journal is public. */
export type { JournalEntry } from './journal-entry.js'
export type { JournalledCall, JournalOptions, Redaction } from './journal-options.js'
export type { Recovered, RecoverOptions, UnrecoveredRun } from './recover.js'
export type { UnknownAnswer, UnknownCall } from './replay.js'
export type { RunHeader, RunState } from './run-header.js'
export { listRuns, readRun, type RunJournal } from './run-journal.js'
export type { Captured } from './value-codec.js'
