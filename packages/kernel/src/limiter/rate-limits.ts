import { option, type OptionField } from '../option/check-options.js'

/**
 * Bounds what may be sent in a time. As limits of a core (`limits` of its driver) it counts every call of this kernel on that
 * core: give what the provider promises, and the provider has nothing to refuse; the limiter keeps its own distance. As
 * limits of a process (`SpawnOptions.limits`) it counts the LLM calls of the process and all its descendants, on whatever
 * core; as limits of a tenant (`KernelOptions.tenants`), those of all its processes. A call must fit all that apply to it. What other
 * kernels send with the same key is known only as far as the provider tells.
 */
export interface RateLimits {
  /** Requests a minute, counted over any 60 seconds; above 0. Default: none. */
  readonly rpm?: number | undefined
  /** Tokens a minute, input and output together, counted over any 60 seconds; above 0. Default: none. */
  readonly tpm?: number | undefined
  /** Tokens in any 24 hours; above 0. Default: none. */
  readonly tokensPerDay?: number | undefined
  /** US dollars in any 24 hours; above 0. Default: none. */
  readonly usdPerDay?: number | undefined
  /**
   * Part of a minute's amount that may go at once after a pause, above 0 and at most 1. Default 1/6, ten seconds' worth:
   * enough for a fan-out to start together, small enough that a kernel which starts anew beside a spent key meets the
   * provider's first answer before it has done harm. Whatever it is, no 60 seconds hold more than a minute's amount. A
   * provider that enforces its limit by the second needs 1/60.
   */
  readonly burst?: number | undefined
}

/** Holds the default of {@link RateLimits.burst}. */
export const DEFAULT_BURST = 1 / 6

const amount = option.optional(
  option.custom(
    'a number above 0',
    (value) => typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY,
  ),
)
const part = option.optional(
  option.custom('a number above 0 and at most 1', (value) => typeof value === 'number' && value > 0 && value <= 1),
)

/** Holds the checks of {@link RateLimits}, for an options object that has them among its keys. */
export const RATE_LIMIT_FIELDS: Readonly<Record<keyof RateLimits, OptionField>> = {
  rpm: amount,
  tpm: amount,
  tokensPerDay: amount,
  usdPerDay: amount,
  burst: part,
}

/** Returns the limits that an options object holds among others, if it holds any. */
export function rateLimitsOf(given: RateLimits | undefined): RateLimits | undefined {
  if (given === undefined) return undefined
  const { rpm, tpm, tokensPerDay, usdPerDay, burst } = given
  const isLimited = [rpm, tpm, tokensPerDay, usdPerDay].some((limit) => limit !== undefined)
  return isLimited ? { rpm, tpm, tokensPerDay, usdPerDay, burst } : undefined
}
