import { AiosError } from '../error/aios-error.js'
import type { ErrorCode } from '../error/error-codes.js'
import { MAX_RETRY_AFTER_MS } from './limiter.js'
import { SlidingSum } from './sliding-sum.js'
import { SteadyTime } from './steady-time.js'

/** Codes that say the provider may answer the very same request later. */
const CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'AIOS_LLM_RATE_LIMIT',
  'AIOS_LLM_OVERLOADED',
  'AIOS_LLM_SERVER',
  'AIOS_LLM_NETWORK',
  'AIOS_LLM_TIMEOUT',
])

/** Attempts of one call, the first included, where none are given. */
export const DEFAULT_ATTEMPTS = 4
/** Longest first pause in milliseconds; it doubles with each attempt, up to the last. */
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
/** Retries for each call, and how many there may be besides, both in any {@link BUDGET_MS}: a few calls must be able to retry. */
const RETRIES_PER_CALL = 0.1
const FREE_RETRIES = 10
const BUDGET_MS = 60_000
const BUDGET_SLOT_MS = 1_000

/** Is how a {@link RetryPolicy} is made. */
export interface RetryOptions {
  /** Attempts of one call, the first included; a whole number from 1. Default 4. */
  readonly maxAttempts?: number | undefined
  /** Returns a number from 0 to below 1, so that calls which failed together do not come back together. */
  random(): number
}

/**
 * Decides whether a failed attempt is made again, and when: only for errors that pass, a few times, and within a budget of
 * one retry for ten calls, so that a provider in trouble is not buried in retries. It has no clock; `now` may jump back.
 */
export class RetryPolicy {
  readonly #maxAttempts: number
  readonly #random: () => number
  readonly #steady = new SteadyTime()
  readonly #calls = new SlidingSum(BUDGET_MS, BUDGET_SLOT_MS)
  readonly #retries = new SlidingSum(BUDGET_MS, BUDGET_SLOT_MS)

  constructor({ maxAttempts = DEFAULT_ATTEMPTS, random }: RetryOptions) {
    this.#maxAttempts = maxAttempts
    this.#random = random
  }

  /** Counts a call, at its first attempt. */
  called(now: number): void {
    const time = this.#steady.at(now)
    this.#calls.add(1, time, time)
  }

  /** Whether a call that failed with an error may be tried once more, here or elsewhere. */
  mayPass(error: unknown, attempt: number): boolean {
    return attempt < this.#maxAttempts && AiosError.is(error) && error.retryable && CODES.has(error.code)
  }

  /**
   * Returns the milliseconds after which to try again, and counts that as a retry; undefined if the error is the answer.
   * Calls under one provider also wait for its limiter, which has heard the same `retryAfterMs`.
   *
   * @param attempt - the attempt that failed, from 1
   */
  delayMs(error: unknown, attempt: number, now: number): number | undefined {
    if (!this.mayPass(error, attempt)) return undefined
    const said = (error as AiosError).retryAfterMs
    // Who waits longer should decide that for himself: the error tells how long.
    if (said !== undefined && said > MAX_RETRY_AFTER_MS) return undefined
    const time = this.#steady.at(now)
    if (this.#retries.total(time) + 1 > FREE_RETRIES + RETRIES_PER_CALL * this.#calls.total(time)) return undefined
    this.#retries.add(1, time, time)
    return said !== undefined && said >= 0 ? said : this.#pauseMs(attempt)
  }

  /** Anything up to a bound that doubles ("full jitter"): spreads retries widest. */
  #pauseMs(attempt: number): number {
    return this.#random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
  }
}
