import type { LlmCoreView } from '@aios/kernel'

/** Is what a request is expected to get, and cost, on one core. What is not known is undefined. */
export interface CoreEstimate {
  readonly core: LlmCoreView
  /** Quality, about 0 to 1. */
  readonly quality: number | undefined
  readonly outputTokens: number
  readonly usd: number | undefined
  /** Milliseconds until the whole answer. */
  readonly latencyMs: number | undefined
}

/** Is an estimate of a core whose quality is known. */
export interface JudgedEstimate extends CoreEstimate {
  readonly quality: number
}

/** Tells whether the quality of a core is known. */
export function isJudged(estimate: CoreEstimate): estimate is JudgedEstimate {
  return estimate.quality !== undefined
}

/** Returns what a core is expected to cost, for comparing: a core without a known price is the dearest. */
export function costOf({ usd }: CoreEstimate): number {
  return usd ?? Number.POSITIVE_INFINITY
}

/** Returns the best of some estimates; among equals the cheapest, then the first. */
export function bestOf<T extends JudgedEstimate>(estimates: readonly T[]): T | undefined {
  let best: T | undefined
  for (const each of estimates) {
    const isBetter =
      best === undefined ||
      each.quality > best.quality ||
      (each.quality === best.quality && costOf(each) < costOf(best))
    if (isBetter) best = each
  }
  return best
}
