import type { AiosError } from '../error/aios-error.js'
import type { Syscall } from '../syscall/syscall.js'
import type { OnUnknown } from './ask-unknown.js'
import type { EndEntry } from './journal-entry.js'

/** Is what a replay is told besides the lines. */
export interface ReplayMode {
  /** What to do at the end of what is recorded: go on live, or stop. */
  readonly atEnd: 'live' | 'stop'
  /** Number of the line after which to stop, if not at the end. */
  readonly until?: number | undefined
  /** How the run ended, where its lines tell all of it: a call that they do not hold is a divergence at once. */
  readonly ended?: EndEntry | undefined
  readonly onUnknown?: OnUnknown | undefined
}

/** Is why a replay did not go on, and the calls that had not settled then. */
export interface Halt {
  /** undefined: it stopped where it was to stop. */
  readonly error: AiosError | undefined
  readonly waiting: readonly Syscall[]
}
