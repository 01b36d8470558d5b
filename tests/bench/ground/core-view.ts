import type { LlmCoreView } from '@aios/kernel'

/** Shows a core that is idle to a router, without a kernel around it. */
export function coreView(id: string, usdPerMTok: number): LlmCoreView {
  const price = { inputUsdPerMTok: usdPerMTok, outputUsdPerMTok: usdPerMTok }
  return {
    ...{ id, model: id, backend: undefined, capabilities: {}, contextWindow: undefined, maxOutputTokens: undefined },
    ...{ price, running: 0, queued: 0, concurrency: 8, tripped: false },
  }
}
