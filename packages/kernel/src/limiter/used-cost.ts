import type { Syscall } from '../syscall/syscall.js'
import type { RateCost } from './limiter.js'

/**
 * Returns what a call used that was on its device: of one that was cut its input and what it has written, and what it
 * reserved if nobody knows, since a call that failed may have cost as much as any.
 */
export function usedCost(call: Syscall, reserved: RateCost): RateCost {
  const { usage, costUsd, size, context } = call.extras ?? {}
  if (usage === undefined) {
    const snapshot = context?.snapshot
    if (snapshot === undefined || size === undefined) return reserved
    const { inputTokens, inputUsd = 0, outputUsd = 0 } = size
    const { outputTokens } = snapshot
    return {
      tokens: Math.min(reserved.tokens, inputTokens + outputTokens),
      usd: Math.min(reserved.usd, inputTokens * inputUsd + outputTokens * outputUsd),
    }
  }
  return { tokens: (usage.input.total ?? 0) + (usage.output.total ?? 0), usd: costUsd ?? 0 }
}
