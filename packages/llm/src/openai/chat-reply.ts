import { AiosError, type CoreReply, describeValue, type MessagePart } from '@aios/kernel/driver'
import { CallIds } from '../core/call-ids.js'
import type { AnswerReading } from '../core/protocol.js'
import { readCompletion, type Choice } from './completion.js'
import { fromWireFinish } from './finish.js'
import { callOrigin } from './call-origin.js'
import { customCallPart } from './custom-call.js'
import { detailParts } from './reasoning-details.js'
import { reasoningOrigin } from './reasoning-origin.js'
import { logprobParts } from './token-logprobs.js'
import { toolCallPart } from './tool-fragments.js'
import { fromWireUsage } from './usage.js'

function answerParts(choice: Choice, { host, names, makeId }: AnswerReading): MessagePart[] {
  const { reasoning } = choice
  const thought: MessagePart[] =
    reasoning === undefined
      ? []
      : [{ type: 'reasoning', text: reasoning.text, opaque: reasoningOrigin(host, reasoning.field) }]
  const text = choice.text + choice.refusal
  const said: MessagePart[] = text === '' ? [] : [{ type: 'text', text }]
  const ids = new CallIds(makeId)
  const calls = choice.calls.map((fragment) => {
    const { name, inputText, isCustom, extra } = fragment
    const id = ids.take(fragment.id)
    if (isCustom === true) return customCallPart({ id, name, inputText }, host)
    const named = name === undefined ? undefined : names.fromWire(name)
    return { ...toolCallPart({ id, name: named, inputText }), ...callOrigin(host, extra) }
  })
  const beside = [...detailParts(choice.details, host), ...logprobParts(choice.logprobs)]
  return [...thought, ...said, ...choice.sources, ...calls, ...beside]
}

/**
 * Translates a whole answer.
 *
 * @param body - what the SDK returned: a chat completion, if the server keeps to the protocol
 * @throws AiosError `AIOS_LLM_SERVER` if it is no chat completion
 */
export function fromCompletion(body: unknown, reading: AnswerReading): CoreReply {
  const { choice, model, usage } = readCompletion(body)
  if (choice === undefined) {
    const message = `Expected a chat completion with a choice, got ${describeValue(body)}. Is baseURL the root of the API?`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  const answer = { hasToolCalls: choice.calls.length > 0, isRefusal: choice.refusal !== '' }
  return {
    parts: answerParts(choice, reading),
    finish: fromWireFinish(choice.finishReason, answer),
    usage: fromWireUsage(usage),
    ...(model === undefined ? {} : { model }),
  }
}
