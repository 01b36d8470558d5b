import { callable, either, flag, optional, shape, whole, type Validate } from '../syscall/shape.js'

/** Is a call as a redactor sees it. */
export interface JournalledCall {
  /** Name of the syscall, such as `llm.chat`. */
  readonly name: string
  /** Name of the agent. */
  readonly agent: string
  readonly runId: string
}

/** Says what of a call is kept out of the journal. */
export interface Redaction {
  readonly request?: boolean | undefined
  /** A run cannot be resumed or replayed past a call whose result is not kept. */
  readonly result?: boolean | undefined
}

/** Bounds and shapes the journal. Unknown keys are rejected. */
export interface JournalOptions {
  /** Finished runs that are kept, from 0; beyond it the oldest are deleted. Default 10,000. */
  readonly keepRuns?: number | undefined
  /** Milliseconds that a finished run is kept. Default: as long as `keepRuns` allows. */
  readonly keepMs?: number | undefined
  /** Decides, once for each call, what of it is not kept. Default: everything is. A throw keeps nothing of the call. */
  readonly redact?: ((call: JournalledCall) => Redaction | undefined) | undefined
}

/** Is a {@link JournalOptions} with its defaults. */
export interface JournalSettings {
  readonly keepRuns: number
  readonly keepMs: number
  readonly redact: JournalOptions['redact']
}

/** Accepts what `createKernel({ journal })` takes. */
export const journalOption: Validate = either(
  'true, false or options such as { keepRuns: 1000 }',
  flag,
  shape({
    keepRuns: optional(whole(0, Number.MAX_SAFE_INTEGER)),
    keepMs: optional(whole(0, Number.MAX_SAFE_INTEGER)),
    redact: optional(callable),
  }),
)

/** Fills the defaults in; undefined where no journal is wanted. */
export function journalSettings(given: boolean | JournalOptions | undefined): JournalSettings | undefined {
  if (given === undefined || given === false) return undefined
  const { keepRuns = 10_000, keepMs = Number.POSITIVE_INFINITY, redact } = given === true ? {} : given
  return { keepRuns, keepMs, redact }
}
