import type { Finish, FinishReason } from '@aios/kernel'

const UNIFIED: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  // Stand-ins say so; Google's own servers say STOP.
  FUNCTION_CALL: 'tool-calls',
}

/** Translates Gemini's finish reason. A plain stop with function calls means tool calls. */
export function fromWireFinish(raw: string, hasToolCalls: boolean): Finish {
  const unified = Object.hasOwn(UNIFIED, raw) ? UNIFIED[raw]! : 'other'
  return { unified: unified === 'stop' && hasToolCalls ? 'tool-calls' : unified, raw }
}

/** Tells whether an answer ended the way answers do. */
export function isOrdinary({ unified }: Finish): boolean {
  return unified === 'stop' || unified === 'tool-calls' || unified === 'length'
}
