import { AiosError } from '../error/aios-error.js'
import type { RateCost } from './limiter.js'

/** Makes the error of a call that can never fit a limit. */
export function impossible(problem: string, cost: RateCost): AiosError {
  const message = `${problem} Shorten the conversation, bound maxOutputTokens, or raise the limit.`
  return new AiosError('AIOS_LIMIT_IMPOSSIBLE', message, { details: { ...cost } })
}
