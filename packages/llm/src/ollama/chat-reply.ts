import { AiosError, type CoreReply, describeValue, type MessagePart } from '@aios/kernel/driver'
import type { AnswerReading } from '../core/protocol.js'
import { isRecord } from '../core/record.js'
import { logprobParts, readAnswer, type Answer } from './answer.js'
import { CalledTools } from './called-tool.js'
import { fromDoneReason } from './finish.js'
import { usageOf } from './usage.js'
import { thoughtOrigin } from './wire-message.js'

function answerParts({ thinking, text, calls, extras, logprobs }: Answer, reading: AnswerReading): MessagePart[] {
  const thought: MessagePart[] =
    thinking === '' ? [] : [{ type: 'reasoning', text: thinking, opaque: thoughtOrigin(reading.host) }]
  const said: MessagePart[] = text === '' ? [] : [{ type: 'text', text }]
  const tools = new CalledTools(reading)
  const called = calls.map((call) => tools.read(call)).filter((part) => part !== undefined)
  return [...thought, ...said, ...extras, ...called, ...logprobParts(logprobs)]
}

/**
 * Translates a whole answer.
 *
 * @throws AiosError `AIOS_LLM_SERVER` if it is none
 */
export function fromChat(body: unknown, reading: AnswerReading): CoreReply {
  if (!isRecord(body) || !isRecord(body['message'])) {
    const message = `Expected an answer with a message, got ${describeValue(body)}. Is baseURL the root of an Ollama server?`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  const answer = readAnswer(body)
  return {
    parts: answerParts(answer, reading),
    finish: fromDoneReason(answer.doneReason, answer.calls.length > 0),
    usage: usageOf(answer.fields),
    ...(answer.model === undefined ? {} : { model: answer.model }),
  }
}
