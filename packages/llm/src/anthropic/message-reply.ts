import { AiosError, type CoreReply, describeValue, type MessagePart } from '@aios/kernel/driver'
import { CallIds } from '../core/call-ids.js'
import type { AnswerReading } from '../core/protocol.js'
import { isRecord } from '../core/record.js'
import { blockParts } from './answered-block.js'
import type { Block } from './block-state.js'
import { CitedSources } from '../core/cited-sources.js'
import { fromStopReason } from './finish.js'
import { MessageNote } from './message-note.js'
import { fromWireUsage, laterUsage } from './usage.js'

/** Tells whether a value is a content block. */
export function isBlock(value: unknown): value is Block {
  return isRecord(value) && typeof value['type'] === 'string'
}

/**
 * Translates a whole answer.
 *
 * @param body - what the SDK returned: a message, if the server keeps to the protocol
 * @throws AiosError `AIOS_LLM_SERVER` if it is none
 */
export function fromMessage(body: unknown, answer: AnswerReading): CoreReply {
  if (!isRecord(body) || !Array.isArray(body['content'])) {
    const message = `Expected a message with content, got ${describeValue(body)}. Is baseURL the root of the API, without /v1?`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  const reading = { ...answer, sources: new CitedSources(), ids: new CallIds((n) => answer.makeId(n)) }
  const parts: MessagePart[] = body['content'].filter(isBlock).flatMap((block) => blockParts(block, reading))
  const note = new MessageNote()
  note.read(body)
  const raw = typeof body['stop_reason'] === 'string' ? body['stop_reason'] : undefined
  return {
    parts: [...parts, ...note.parts()],
    finish: fromStopReason(raw, reading.ids.size > 0),
    usage: fromWireUsage(laterUsage(undefined, body['usage'])),
    ...(typeof body['model'] === 'string' ? { model: body['model'] } : {}),
  }
}
