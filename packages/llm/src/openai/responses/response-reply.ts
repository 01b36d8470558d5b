import { AiosError, type CoreReply, describeValue, type MessagePart } from '@aios/kernel/driver'
import { CallIds } from '../../core/call-ids.js'
import { CitedSources } from '../../core/cited-sources.js'
import type { AnswerReading } from '../../core/protocol.js'
import { isRecord } from '../../core/record.js'
import { isRefusal, itemParts } from './answered-item.js'
import { fromStatus } from './finish.js'
import { isItem } from './item-state.js'
import { fromResponseUsage } from './usage.js'

/** Are the states of a response that is still being made. */
const UNDER_WAY: readonly unknown[] = ['queued', 'in_progress']

/**
 * Translates a whole answer.
 *
 * @param body - what the server sent: a response, if it keeps to the protocol
 * @throws AiosError `AIOS_LLM_SERVER` if it is none, `AIOS_UNSUPPORTED` if it was asked for in the background
 */
export function fromResponse(body: unknown, answer: AnswerReading): CoreReply {
  if (!isRecord(body) || !Array.isArray(body['output'])) {
    const message = `Expected a response with output, got ${describeValue(body)}. Is baseURL the root of an API that has /responses?`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  if (UNDER_WAY.includes(body['status'])) {
    const message = `Expected a response that is done, got status ${describeValue(body['status'])}. Leave out "background": answers are waited for.`
    throw new AiosError('AIOS_UNSUPPORTED', message)
  }
  const reading = { ...answer, sources: new CitedSources(), ids: new CallIds((n) => answer.makeId(n)) }
  const items = body['output'].filter(isItem)
  const parts: MessagePart[] = items.flatMap((item) => itemParts(item, reading))
  return {
    parts,
    finish: fromStatus(body, { hasToolCalls: reading.ids.size > 0, isRefusal: items.some(isRefusal) }),
    usage: fromResponseUsage(body['usage']),
    ...(typeof body['model'] === 'string' && body['model'] !== '' ? { model: body['model'] } : {}),
  }
}
