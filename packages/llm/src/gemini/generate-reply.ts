import { AiosError, type CoreReply, describeValue, type MessagePart } from '@aios/kernel/driver'
import type { AnswerReading } from '../core/protocol.js'
import { isText, toAnswerPart } from './answer-part.js'
import { checkPrompt } from './answer-refusal.js'
import { CandidateMetadata } from './candidate-metadata.js'
import { fromWireFinish, isOrdinary } from './finish.js'
import { FunctionCalls } from './function-calls.js'
import { readGenerated } from './generated.js'
import { partOrigin, signatureOf } from './part-origin.js'
import { fromWireUsage } from './usage.js'
import type { WirePart } from './wire-content.js'

function textPart(part: WirePart, host: string): MessagePart[] {
  const text = String(part['text'])
  const signature = signatureOf(part)
  if (part['thought'] === true) return [{ type: 'reasoning', text, opaque: partOrigin(host, { signature }) }]
  if (signature !== undefined) return [{ type: 'text', text, opaque: partOrigin(host, { signature }) }]
  return text === '' ? [] : [{ type: 'text', text }]
}

/**
 * Translates a whole answer.
 *
 * @param body - what came: a response of `generateContent`, if the server keeps to the protocol
 * @throws AiosError `AIOS_LLM_SERVER` if it is none, `AIOS_LLM_CONTENT_FILTER` if the prompt was refused
 */
export function fromGenerated(body: unknown, reading: AnswerReading): CoreReply {
  const generated = readGenerated(body)
  checkPrompt(generated)
  const { candidate, parts, finishReason, model, usage } = generated
  if (candidate === undefined) {
    const message = `Expected a response with a candidate, got ${describeValue(body)}. Is baseURL the root of the API?`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  const calls = new FunctionCalls(reading)
  const metadata = new CandidateMetadata()
  const said = parts.flatMap((part): MessagePart[] => {
    if (part['functionCall'] !== undefined) return [calls.whole(part)].filter((call) => call !== undefined)
    return isText(part) ? textPart(part, reading.host) : [toAnswerPart(part, reading.host)]
  })
  const sources = metadata.read(candidate)
  const finish =
    finishReason === undefined
      ? ({ unified: calls.size > 0 ? 'tool-calls' : 'other' } as const)
      : fromWireFinish(finishReason, calls.size > 0)
  return {
    parts: [...said, ...sources, ...metadata.end(isOrdinary(finish))],
    finish,
    usage: fromWireUsage(usage),
    ...(model === undefined ? {} : { model }),
  }
}
