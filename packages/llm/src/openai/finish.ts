import type { Finish, FinishReason } from '@aios/kernel'

const UNIFIED: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
}

/** Says what else decides why an answer ended. */
export interface AnswerTraits {
  readonly hasToolCalls: boolean
  readonly isRefusal: boolean
}

/**
 * Translates OpenAI's finish reason. A plain stop with tool calls means tool calls (some servers say `stop` there);
 * a plain stop with a refusal is the model's own content filter.
 */
export function fromWireFinish(raw: string | undefined, answer: AnswerTraits): Finish {
  if (raw === undefined) return { unified: answer.hasToolCalls ? 'tool-calls' : 'other' }
  const unified = Object.hasOwn(UNIFIED, raw) ? UNIFIED[raw]! : 'other'
  if (unified !== 'stop') return { unified, raw }
  if (answer.hasToolCalls) return { unified: 'tool-calls', raw }
  return { unified: answer.isRefusal ? 'content-filter' : 'stop', raw }
}
