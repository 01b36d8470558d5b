import type { Finish, FinishReason } from '@aios/kernel'

const UNIFIED: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  pause_turn: 'paused',
  refusal: 'content-filter',
  model_context_window_exceeded: 'context-overflow',
}

/** Translates Anthropic's stop reason. A plain stop with tool calls means tool calls. */
export function fromStopReason(raw: string | undefined, hasToolCalls: boolean): Finish {
  if (raw === undefined) return { unified: hasToolCalls ? 'tool-calls' : 'other' }
  const unified = Object.hasOwn(UNIFIED, raw) ? UNIFIED[raw]! : 'other'
  return { unified: unified === 'stop' && hasToolCalls ? 'tool-calls' : unified, raw }
}
