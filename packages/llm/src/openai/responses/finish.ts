import type { Finish, FinishReason } from '@aios/kernel'
import { isRecord } from '../../core/record.js'
import type { AnswerTraits } from '../finish.js'

const INCOMPLETE: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: 'length',
  max_tokens: 'length',
  content_filter: 'content-filter',
}

/**
 * Translates the status of a response, and why it is incomplete. A complete one with calls means tool calls; one in which
 * the model refused is its own content filter.
 */
export function fromStatus(response: Readonly<Record<string, unknown>>, answer: AnswerTraits): Finish {
  const { status, incomplete_details: details } = response
  const reason = isRecord(details) ? details['reason'] : undefined
  if (typeof reason === 'string') {
    return { unified: Object.hasOwn(INCOMPLETE, reason) ? INCOMPLETE[reason]! : 'other', raw: reason }
  }
  const raw = typeof status === 'string' ? { raw: status } : {}
  if (status === 'cancelled') return { unified: 'aborted', ...raw }
  if (status === 'incomplete') return { unified: 'other', ...raw }
  if (answer.hasToolCalls) return { unified: 'tool-calls', ...raw }
  return { unified: answer.isRefusal ? 'content-filter' : 'stop', ...raw }
}
