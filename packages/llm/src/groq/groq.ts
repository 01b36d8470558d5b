import type { LlmDriver } from '@aios/kernel'
import { checkCoreOptions } from '../core/core-options.js'
import type { Protocol, WireRequest } from '../core/protocol.js'
import { rateHeaders } from '../core/rate-headers.js'
import { vendorCore } from '../core/vendor-core.js'
import { fromCompletion } from '../openai/chat-reply.js'
import { withGroqParts } from './executed-tools.js'
import { groqFault } from './fault.js'
import { groqClient } from './groq-client.js'
import { GROQ_DEFAULTS, GROQ_FIELDS, type GroqOptions } from './groq-options.js'
import { GroqReader } from './groq-reader.js'
import { toGroqWire } from './groq-request.js'
import { loadSdk } from './sdk.js'

async function loadGroq(options: GroqOptions): Promise<Protocol<WireRequest>> {
  const sdk = await loadSdk()
  return {
    provider: 'groq',
    connect: (endpoint) => groqClient(sdk, endpoint, options),
    toWire: (request, target) => toGroqWire(request, target, options),
    fromBody: (body, reading) => {
      const reply = fromCompletion(body, reading)
      return { ...reply, parts: withGroqParts(reply.parts, body) }
    },
    reader: (reading) => new GroqReader(reading),
    fault: (error, now) => groqFault(error, sdk, now),
    rates: rateHeaders,
  }
}

/**
 * Makes a core (AIOS: LLM core) for Groq's API, by its own SDK. Needs the package `groq-sdk`, which is imported when the kernel
 * opens the core.
 *
 * `providerOptions.groq` of a request is merged into what is sent, and wins. What a model thought is reasoning, and goes back to
 * the same host; where it is put can be chosen by `reasoningFormat`. What Groq's own tools did comes as custom parts
 * `groq.executed_tool`, and the pages they found as sources. The SDK's own retries are off. Tested with recorded answers, not
 * verified live.
 *
 * @param model - the model to ask for, such as `openai/gpt-oss-120b` or `qwen/qwen3-32b`
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use; when opened also for a
 * missing key, and `AIOS_MISSING_PEER` without the package `groq-sdk`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { groq } from '@aios/llm/groq'
 *
 * const kernel = await createKernel({
 *   llm: [
 *     groq('openai/gpt-oss-120b', { limits: { concurrency: 8, rpm: 30 } }),
 *     groq('qwen/qwen3-32b', { reasoningFormat: 'hidden' }),
 *   ],
 * })
 * const reply = await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Hello!' }], reasoning: 'low' })
 * console.log(reply.text)
 * await kernel.close()
 * ```
 */
export function groq(model: string, options: GroqOptions = {}): LlmDriver {
  checkCoreOptions('groq()', { model, options }, GROQ_FIELDS)
  return vendorCore({
    model,
    backend: 'groq',
    capabilities: { files: false },
    options,
    defaults: GROQ_DEFAULTS,
    load: () => loadGroq(options),
  })
}
