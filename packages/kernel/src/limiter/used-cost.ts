import type { Syscall } from '../syscall/syscall.js'
import type { RateCost } from './limiter.js'

/** Returns what a call used that was on its device; what it reserved if nobody knows: a call that failed may have cost as much as any. */
export function usedCost(call: Syscall, reserved: RateCost): RateCost {
  const { usage, costUsd } = call.extras ?? {}
  if (usage === undefined) return reserved
  return { tokens: (usage.input.total ?? 0) + (usage.output.total ?? 0), usd: costUsd ?? 0 }
}
