import type { LlmCoreView, LlmRouter } from '@aios/kernel'
import { expectedLatencyMs } from './expectation.js'
import { inputTokens } from './request-size.js'
import { leastBy, strategy, type Choice, type StrategyOptions } from './strategy.js'

/** Milliseconds after which what was seen of a core is not believed any more. */
const STALE_MS = 600_000

/**
 * Makes a router that takes the core from which the whole answer is expected first: by its time to the first part, its
 * time for each token, and what waits before it. A core that has not answered for ten minutes gets a call, so that its
 * pace is known; while one runs, and for 30 seconds after it failed, it gets calls only where there is no other.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function fastest(options: StrategyOptions = {}): LlmRouter {
  return strategy('fastest()', options, (choice) => {
    const tokens = inputTokens(choice.request)
    return leastBy(choice.cores, (core) => latencyMs(choice, core, tokens))
  })
}

function latencyMs({ request, records, prices, now }: Choice, core: LlmCoreView, tokens: number): number {
  const record = records.of(core.id)
  if (record !== undefined && record.failsUntil > now) return Number.POSITIVE_INFINITY
  if (record === undefined || now - record.answeredAt > STALE_MS)
    return core.running + core.queued === 0 ? -1 : Number.MAX_VALUE
  return expectedLatencyMs({ core, request, tokens, records, prices }) ?? Number.MAX_VALUE
}
