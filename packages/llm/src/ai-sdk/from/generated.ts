import { AiosError, type CoreReply, describeValue } from '@aios/kernel/driver'
import type { AnswerReading } from '../../core/protocol.js'
import { isRecord } from '../../core/record.js'
import { answerParts, type ContentReading } from './answer-content.js'
import { CallIds } from '../../core/call-ids.js'
import { fromFinishReason } from './finish.js'
import { finishMetadata } from './finish-metadata.js'
import { fromSdkUsage } from './usage.js'

/**
 * Translates what `doGenerate` of a model resolved with.
 *
 * @throws AiosError `AIOS_LLM_SERVER` if it is no answer
 */
export function fromGenerated(body: unknown, answer: AnswerReading, provider: string): CoreReply {
  if (!isRecord(body) || !Array.isArray(body['content'])) {
    const message = `Expected "content" in what doGenerate() of the model resolved with, got ${describeValue(body)}. Is it a model of the AI SDK?`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  const ids = new CallIds((n) => answer.makeId(n))
  const reading: ContentReading = { ...answer, makeId: (n) => answer.makeId(n), provider, idOf: (call) => ids.of(call) }
  const { finishReason, usage, providerMetadata, response } = body
  const parts = body['content'].filter(isRecord).flatMap((content) => answerParts(content, reading))
  const model = isRecord(response) ? response['modelId'] : undefined
  return {
    parts: [...parts, ...finishMetadata(providerMetadata, provider)],
    finish: fromFinishReason(finishReason, ids.size > 0),
    usage: fromSdkUsage(usage, providerMetadata),
    ...(typeof model === 'string' ? { model } : {}),
  }
}
