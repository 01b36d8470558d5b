import type { LlmRouter } from '@aios/kernel'
import { expectedUsd } from './expectation.js'
import { inputTokens } from './request-size.js'
import { leastBy, strategy, type StrategyOptions } from './strategy.js'

/**
 * Makes a router that takes the core on which the request is expected to cost least: by its length, the length of the
 * core's answers so far, and prices. A core without a known price comes after all others.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function cheapest(options: StrategyOptions = {}): LlmRouter {
  return strategy('cheapest()', options, ({ request, cores, records, prices }) => {
    const tokens = inputTokens(request)
    return leastBy(cores, (core) => expectedUsd({ core, request, tokens, records, prices }) ?? Number.POSITIVE_INFINITY)
  })
}
