import type { CoreEmbedReply, CoreEmbedRequest, EmbedReply } from '../../driver/embed.js'
import type { LlmDriver } from '../../driver/llm-driver.js'
import type { Usage } from '../../driver/chat.js'
import { AiosError } from '../../error/aios-error.js'
import { describe } from '../../error/describe.js'
import type { Need } from '../../process/budget.js'
import { boarded } from '../../scheduler/batch/boarding.js'
import { callMeta } from '../chat/call-meta.js'
import { completeUsage } from '../chat/complete-usage.js'
import { inputBound, inputEstimate } from '../chat/estimate.js'
import { isThenable } from '../begin.js'
import { DriverCallView } from '../driver-call.js'
import { listOf, optional, record, shape, string, text, whole } from '../shape.js'
import type { Syscall } from '../syscall.js'
import type { SyscallRow } from '../syscall-row.js'
import { orDiscovered } from './discovered-core.js'
import { routeEmbed } from './route-core.js'

/** Shows texts as a conversation, whose tokens the kernel knows how to bound. */
function conversation(call: Syscall): Parameters<typeof inputBound>[0] {
  const { input } = call.request as CoreEmbedRequest
  return { messages: input.map((content) => ({ role: 'user', content })) }
}

function embed(call: Syscall): unknown {
  const core = call.device as LlmDriver
  const request = call.request as CoreEmbedRequest
  const reply =
    boarded(call, request) ?? (core.embed as NonNullable<LlmDriver['embed']>)(request, new DriverCallView(call))
  return isThenable(reply)
    ? Promise.resolve(reply).then((value) => embedReply(call, value as CoreEmbedReply))
    : embedReply(call, reply)
}

function embedReply(call: Syscall, core: CoreEmbedReply): EmbedReply {
  const { input } = call.request as CoreEmbedRequest
  const { vectors } = core
  const length = vectors?.[0]?.length
  const isWhole =
    Array.isArray(vectors) &&
    vectors.length === input.length &&
    vectors.every((vector) => vector instanceof Float32Array && vector.length === length && length > 0)
  if (!isWhole) {
    throw new AiosError(
      'AIOS_LLM_INVALID_OUTPUT',
      `Expected ${input.length} vectors of one length from core ${call.device?.id ?? ''}, got ${Array.isArray(vectors) ? `${vectors.length} of other kinds or lengths` : describe(vectors)}.`,
    )
  }
  return {
    vectors,
    usage: core.usage ?? { input: {}, output: {} },
    model: core.model ?? (call.device as LlmDriver).model,
    warnings: core.warnings ?? [],
    meta: callMeta(call),
  }
}

function need(call: Syscall): Need {
  const { price } = call.device as LlmDriver
  return {
    inputTokens: inputBound(conversation(call)),
    outputTokens: 0,
    inputUsd: price && price.inputUsdPerMTok / 1_000_000,
    outputUsd: price && price.outputUsdPerMTok / 1_000_000,
  }
}

function usage(call: Syscall, result: unknown): Usage {
  const { usage: given } = result as EmbedReply
  const counted = { ...given, output: { ...given.output, total: given.output.total ?? 0 } }
  return completeUsage(counted, conversation(call), 0)
}

/** Makes vectors of texts. */
export const embedRow: SyscallRow = {
  name: 'llm.embed',
  validate: shape({
    input: listOf(string, 1),
    model: optional(text),
    dimensions: optional(whole(1, Number.MAX_SAFE_INTEGER)),
    providerOptions: optional(record),
  }),
  runs: 'device',
  returns: 'promise',
  repeats: true,
  effect: 'repeatable',
  route: orDiscovered(routeEmbed),
  execute: embed,
  need,
  inputTokens: (call) => inputEstimate(conversation(call)),
  usage,
}
