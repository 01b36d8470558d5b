import type { CoreRequest } from '../../driver/chat.js'
import type { LlmDriver } from '../../driver/llm-driver.js'
import { expected } from '../../error/describe.js'
import type { Need } from '../../process/budget.js'
import { inputBound } from '../chat/estimate.js'

/**
 * Says what a request may use at most on a core.
 *
 * @param mostOutput - tokens of an answer that nothing else bounds
 * @throws Error if the core estimates no number of tokens, or whatever its estimate throws
 */
export function coreNeed(core: LlmDriver, request: CoreRequest, mostOutput: number): Need {
  const inputTokens = core.estimate?.(request) ?? inputBound(request)
  if (!(inputTokens >= 0 && inputTokens <= Number.MAX_SAFE_INTEGER))
    throw new Error(expected('a number of tokens from 0', `estimate of core ${core.id}`, inputTokens))
  const { price } = core
  return {
    inputTokens,
    outputTokens: request.maxOutputTokens ?? Math.min(core.maxOutputTokens ?? Number.POSITIVE_INFINITY, mostOutput),
    inputUsd: price && price.inputUsdPerMTok / 1_000_000,
    outputUsd: price && price.outputUsdPerMTok / 1_000_000,
  }
}
