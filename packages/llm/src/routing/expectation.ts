import type { ChatRequest, LlmCoreView } from '@aios/kernel'
import type { CoreRecords } from './core-records.js'
import type { PriceBook } from './prices.js'
import { USUAL_OUTPUT_TOKENS } from './request-size.js'

/** Is a request on a core, and what is known of both. */
export interface Expected {
  readonly core: LlmCoreView
  readonly request: ChatRequest
  /** Tokens of the request. */
  readonly tokens: number
  readonly records: CoreRecords
  readonly prices: PriceBook
  /** Tokens of the answer, where somebody knows better than the mean of the core. */
  readonly outputTokens?: number | undefined
}

/** Returns the tokens that an answer is expected to have. */
export function expectedOutput({ core, request, records, outputTokens }: Expected): number {
  const usual = outputTokens ?? records.of(core.id)?.outputTokens ?? USUAL_OUTPUT_TOKENS
  return Math.min(usual, request.maxOutputTokens ?? usual, core.maxOutputTokens ?? usual)
}

/** Returns the US dollars that an answer is expected to cost; undefined where nobody knows the price. */
export function expectedUsd(expected: Expected): number | undefined {
  const price = expected.prices.of(expected.core)
  if (price === undefined) return undefined
  return (expected.tokens * price.inputUsdPerMTok + expectedOutput(expected) * price.outputUsdPerMTok) / 1_000_000
}

/**
 * Returns the milliseconds until the whole answer is expected, with what waits before it; undefined of a core that never
 * answered.
 */
export function expectedLatencyMs(expected: Expected): number | undefined {
  const { core, records } = expected
  const record = records.of(core.id)
  if (record?.durationMs === undefined) return undefined
  const { firstPartMs = 0, tokenMs, durationMs } = record
  const servedMs = tokenMs === undefined ? durationMs : firstPartMs + tokenMs * expectedOutput(expected)
  // Those before it leave one after the other, as slots come free.
  const ahead = core.queued + (core.running >= core.concurrency ? 1 : 0)
  return servedMs + (ahead * durationMs) / core.concurrency
}
