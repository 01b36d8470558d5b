import { option, type OptionField } from '../option/check-options.js'
import { RATE_LIMIT_FIELDS, type RateLimits } from './rate-limits.js'

/**
 * Bounds the LLM calls of a process with all its descendants, or of a tenant. Calls beyond it wait beside their lane and
 * delay nobody else. Unknown keys are rejected.
 */
export interface ProcessLimits extends RateLimits {
  /** Most LLM calls that queue for a core or run on one at once; a positive integer or `Infinity`. Default: none. */
  readonly concurrency?: number | undefined
}

const concurrency = option.optional(
  option.custom(
    'a whole number from 1, or Infinity',
    (value) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 1),
  ),
)

/** Accepts {@link ProcessLimits}. */
export const processLimitsOption: OptionField = option.object({ ...RATE_LIMIT_FIELDS, concurrency })
