import { AiosError } from '../error/aios-error.js'
import type { ErrorCode } from '../error/error-codes.js'
import { option, type OptionField } from '../option/check-options.js'
import { SteadyTime } from './steady-time.js'

/** Says when a core is given a rest. Unknown keys are rejected. */
export interface BreakerOptions {
  /** Attempts in a row that find the provider down before it trips; a whole number from 1. Default 5. */
  readonly failures?: number | undefined
  /** Milliseconds before the first probe, from 1; doubles, up to 30,000, while probes fail. Default 1,000. */
  readonly openMs?: number | undefined
  /** Milliseconds after it tripped from which calls reject instead of waiting; from 0. Default 60,000. */
  readonly giveUpMs?: number | undefined
}

/** Longest time between two probes in milliseconds, unless the first is longer. */
const LONGEST_OPEN_MS = 30_000

/** Codes that say that the provider is down; every other error of it is an answer, and whoever answers is not down. */
const DOWN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'AIOS_LLM_SERVER',
  'AIOS_LLM_NETWORK',
  'AIOS_LLM_OVERLOADED',
  'AIOS_LLM_TIMEOUT',
])

const FIELDS = option.object({
  failures: option.optional(option.integer(1)),
  openMs: option.optional(option.number(1)),
  giveUpMs: option.optional(option.number(0)),
})

/** Accepts {@link BreakerOptions}, or false for none. */
export const breakerOption: OptionField = (value, path) => (value === false ? undefined : FIELDS(value, path))

/** Says whether an error means that the provider is down (`down`), that it answered, or neither. */
export function verdictOf(error: unknown): 'down' | 'answered' | 'neither' {
  if (!AiosError.is(error)) return 'neither'
  if (DOWN.has(error.code)) return 'down'
  return error.code.startsWith('AIOS_LLM_') ? 'answered' : 'neither'
}

/**
 * Keeps calls from a provider that is down: trips after so many failures in a row, then lets one probe through at a time,
 * ever more rarely, until one is answered. It has no clock and no timers; `now` may jump back.
 */
export class Breaker {
  readonly #mostFailures: number
  readonly #firstOpenMs: number
  readonly #giveUpMs: number
  readonly #steady = new SteadyTime()
  #failures = 0
  #trippedAt: number | undefined = undefined
  #openMs = 0
  #probeAt = 0
  #probe: object | undefined = undefined
  #last: AiosError | undefined = undefined

  constructor({ failures = 5, openMs = 1_000, giveUpMs = 60_000 }: BreakerOptions) {
    this.#mostFailures = failures
    this.#firstOpenMs = openMs
    this.#giveUpMs = giveUpMs
  }

  /** Whether calls are kept back. */
  get tripped(): boolean {
    return this.#trippedAt !== undefined
  }

  /** Returns the milliseconds until a call may go, as a probe; 0 if one may now, `Infinity` while one is out. */
  waitMs(now: number): number {
    const time = this.#steady.at(now)
    if (this.#trippedAt === undefined) return 0
    return this.#probe === undefined ? Math.max(0, this.#probeAt - time) : Number.POSITIVE_INFINITY
  }

  /** Returns the milliseconds until calls are rejected instead of kept waiting; 0 if they are. */
  givesUpInMs(now: number): number {
    const time = this.#steady.at(now)
    return this.#trippedAt === undefined
      ? Number.POSITIVE_INFINITY
      : Math.max(0, this.#trippedAt + this.#giveUpMs - time)
  }

  /** Is told that a call starts: while tripped, it is the probe. */
  started(call: object): void {
    if (this.#trippedAt !== undefined) this.#probe = call
  }

  /** Is told that a call found the provider down. Returns the number of such calls in a row if it tripped by this one. */
  failed(call: object, error: AiosError, now: number): number | undefined {
    const time = this.#steady.at(now)
    this.#failures += 1
    this.#last = error
    if (this.#trippedAt !== undefined) {
      if (this.#probe !== call) return undefined
      this.#probe = undefined
      this.#openMs = Math.min(Math.max(LONGEST_OPEN_MS, this.#firstOpenMs), 2 * this.#openMs)
      this.#probeAt = time + this.#openMs
      return undefined
    }
    if (this.#failures < this.#mostFailures) return undefined
    this.#trippedAt = time
    this.#openMs = this.#firstOpenMs
    this.#probeAt = time + this.#openMs
    return this.#failures
  }

  /** Is told that the provider answered. Returns the milliseconds for which calls were kept back if that is over now. */
  answered(now: () => number): number | undefined {
    this.#failures = 0
    if (this.#trippedAt === undefined) return undefined
    const downMs = this.#steady.at(now()) - this.#trippedAt
    this.#trippedAt = undefined
    this.#probe = undefined
    this.#last = undefined
    return downMs
  }

  /** Is told that a call is off the device; a probe of which nothing was heard leaves its turn to the next. */
  released(call: object): void {
    if (this.#probe === call) this.#probe = undefined
  }

  /** Makes the error of a call that is not kept waiting. */
  refusal(owner: string, now: number): AiosError {
    const waitMs = this.waitMs(now)
    const downMs = this.#steady.at(now) - (this.#trippedAt ?? 0)
    const { code, message } = this.#last as AiosError
    return new AiosError(
      code,
      `${owner} has not answered for ${Math.round(downMs / 1_000)} s, so this call was not sent. It failed last with: ${message}`,
      {
        cause: this.#last,
        retryable: true,
        retryAfterMs: waitMs === Number.POSITIVE_INFINITY ? this.#openMs : Math.ceil(waitMs),
        details: { downMs },
      },
    )
  }
}
