import type { StreamPart, Usage } from '../driver/chat.js'
import type { Outcome } from '../event/metrics.js'
import type { Captured } from './value-codec.js'

/**
 * Is one line of a run's journal. `path` says whose it is: the numbers of the calls from the root down, joined by dots, so
 * `3.1` is the first call made under call 3, or by the process that call 3 spawned; the empty path is the root process itself. `n` counts
 * the lines of the run from 1, `tick` the turns of the loop in which something settled. Times are milliseconds since the epoch.
 */
export type JournalEntry =
  StartEntry | CallEntry | OpenEntry | PartsEntry | ContextEntry | MailEntry | KillEntry | StateEntry | EndEntry

interface Line {
  readonly n: number
  readonly tick: number
  readonly path: string
  readonly at: number
}

/** Begins a run. */
export interface StartEntry extends Line {
  readonly kind: 'start'
  readonly input: Captured
  /** What the root process was spawned with, without its signal. */
  readonly options: Captured
  /** Names the code of the agent and its options: shown, never a reason to refuse. */
  readonly fingerprint: string
}

/** Identifies the call that a line is about. */
interface OfCall extends Line {
  /** Name of the syscall, such as `llm.chat`. */
  readonly row: string
  /** Names the content of the request. */
  readonly digest: string
  readonly request: Captured
}

/** Is a call that settled; written when it did. `at` is when it was made. */
export interface CallEntry extends OfCall {
  readonly kind: 'call'
  readonly endedAt: number
  readonly outcome: Outcome
  /** What it resolved or rejected with. */
  readonly result: Captured
  readonly usage: Usage | undefined
  readonly costUsd: number | undefined
  /** Durable id of the call that was executed, for one that a fork copied; of others the lines do not say it. */
  readonly executed?: string | undefined
  /** What of its request hooks changed, for a call that a later life does again; null: it was never made, something else answered. */
  readonly made?: Captured | null | undefined
}

/**
 * Is a call that had not settled when something had to be known of it: that it is about to go to its device and must not go
 * twice (`intent`), that calls were made under it, when its sleep is over, or that parts of its answer were delivered.
 */
export interface OpenEntry extends OfCall {
  readonly kind: 'open'
  readonly intent: boolean
  /** When a sleep is over. */
  readonly dueAt: number | undefined
}

/** Is what was delivered of a streamed answer since the last such line; `at` is when the first of it was. */
export interface PartsEntry extends Line {
  readonly kind: 'parts'
  readonly parts: readonly StreamPart[]
}

/** Is what a cut answer goes on from: the parts that were generated and not delivered, and the snapshot that its core made. */
export interface ContextEntry extends Line {
  readonly kind: 'context'
  readonly ahead: readonly StreamPart[]
  readonly snapshot: Captured
}

/** Is a message that came to the process `path` from outside of the run. */
export interface MailEntry extends Line {
  readonly kind: 'mail'
  readonly from: number
  readonly message: Captured
}

/** Is the end of the process `path` by a hand, a deadline or a budget. */
export interface KillEntry extends Line {
  readonly kind: 'kill'
  readonly error: Captured
}

/** Says that the process `path` was suspended or resumed. */
export interface StateEntry extends Line {
  readonly kind: 'suspend' | 'resume'
}

/** Is the end of the whole run. */
export interface EndEntry extends Line {
  readonly kind: 'end'
  readonly outcome: 'fulfilled' | 'threw' | 'killed'
  readonly result: Captured
}

/** Makes the digest of a line one that may be found later: undefined means that of its request. */
type Undigested<E> = E extends OfCall ? Omit<E, 'digest'> & { readonly digest: string | undefined } : E

/** Is a line that is to be written: to find a digest costs more than the rest, so it is left until then. */
export type PendingEntry = JournalEntry extends infer E ? Undigested<E> : never

/** Is a line before its run has numbered it. */
export type Draft = PendingEntry extends infer E ? (E extends Line ? Omit<E, 'n' | 'tick'> : never) : never
