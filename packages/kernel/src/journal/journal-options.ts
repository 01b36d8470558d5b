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
  /**
   * A run cannot be resumed or replayed past a call whose result is not kept; nor is it given to a later call with the same
   * idempotency key once its kernel has closed: that rejects with `AIOS_NOT_CLONEABLE`, and does not run.
   */
  readonly result?: boolean | undefined
}

/** Bounds and shapes the journal. Unknown keys are rejected. */
export interface JournalOptions {
  /** Finished runs that are kept, from 0; beyond it the oldest are deleted. Default 10,000. */
  readonly keepRuns?: number | undefined
  /** Milliseconds that a finished run is kept. Default: as long as `keepRuns` allows. */
  readonly keepMs?: number | undefined
  /**
   * Decides, once for each call and at once, what of it is not kept: not in the journal, nor under its idempotency key. Default:
   * everything is kept. A throw, or an answer of another shape such as a promise, keeps nothing of the call.
   */
  readonly redact?: ((call: JournalledCall) => Redaction | undefined) | undefined
}

/** Is a {@link JournalOptions} with its defaults. */
export interface JournalSettings {
  readonly keepRuns: number
  readonly keepMs: number
  readonly redact: JournalOptions['redact']
}

const redaction = shape({ request: optional(flag), result: optional(flag) })

/**
 * Returns what a redactor answered.
 *
 * @throws TypeError for anything but an object of flags: a promise, say, which would hide nothing
 */
export function checkedRedaction(answer: unknown): Redaction {
  if (answer === undefined) return {}
  const problem =
    answer instanceof Promise ? 'Expected an answer at once from redact, got a promise.' : redaction(answer, '')
  if (problem !== undefined) throw new TypeError(problem)
  return answer as Redaction
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
