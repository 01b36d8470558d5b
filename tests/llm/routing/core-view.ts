import type { ChatRequest, CoreOutcome, LlmCoreView } from '@aios/kernel'

/** Shows an idle core of which nothing is known, but for what a test says. */
export function core(id: string, more: Partial<LlmCoreView> = {}): LlmCoreView {
  return {
    ...{ id, model: `${id}-model`, backend: undefined, capabilities: {}, contextWindow: undefined },
    ...{ maxOutputTokens: undefined, price: undefined, running: 0, queued: 0, concurrency: 1, tripped: false },
    ...more,
  }
}

/** A price in US dollars for a million tokens, in and out. */
export const usd = (price: number): Pick<LlmCoreView, 'price'> => ({
  price: { inputUsdPerMTok: price, outputUsdPerMTok: price },
})

/** Asks something. */
export function ask(content = 'Hello?', more: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [{ role: 'user', content }], ...more }
}

/** An answer of 100 tokens in a second, but for what a test says. */
export function outcome(of: LlmCoreView, more: Partial<CoreOutcome> = {}): CoreOutcome {
  const usage = { input: { total: 10 }, output: { total: 100 } }
  return {
    ...{ callId: 1, core: of, request: ask(), firstPartMs: undefined, durationMs: 1_000, usage },
    ...{ usd: undefined, errorCode: undefined, at: 0 },
    ...more,
  }
}
