import type { LlmDriver } from '@aios/kernel'
import { checkCoreOptions } from '../core/core-options.js'
import type { Protocol } from '../core/protocol.js'
import { rateHeaders } from '../core/rate-headers.js'
import { vendorCore } from '../core/vendor-core.js'
import { fromCompletion } from './chat-reply.js'
import { toChatWire, type ChatWire } from './chat-request.js'
import { ChunkReader } from './chunk-reader.js'
import { openAiFault } from './fault.js'
import { chatClient } from './openai-client.js'
import { OPENAI_DEFAULTS, OPENAI_FIELDS, type OpenAiOptions } from './openai-options.js'
import { loadSdk } from './sdk.js'

async function loadChat(options: OpenAiOptions): Promise<Protocol<ChatWire>> {
  const sdk = await loadSdk()
  return {
    provider: 'openai',
    connect: (endpoint) => chatClient(sdk, endpoint, options),
    toWire: toChatWire,
    fromBody: fromCompletion,
    reader: (reading) => new ChunkReader(reading),
    fault: (error, now) => openAiFault(error, sdk, now),
    rates: rateHeaders,
  }
}

/**
 * Makes a core (AIOS: LLM core) for OpenAI's chat completions, or for a server that speaks them: Ollama, vLLM, SGLang,
 * DeepSeek, Groq and many more, by `baseURL`. Needs the package `openai`, which is imported when the kernel opens the
 * core.
 *
 * `providerOptions.openai` of a request is merged into what is sent, and wins. `maxOutputTokens` is sent as
 * `max_completion_tokens` to OpenAI and Azure, as `max_tokens` to everyone else. The SDK's own retries are off. A
 * schema in `responseFormat` is sent without `strict`, so check the answer.
 *
 * @param model - the model to ask for, such as `gpt-5-mini`
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use; when opened also for a
 * missing key, and `AIOS_MISSING_PEER` without the package `openai`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { openai } from '@aios/llm/openai'
 *
 * const kernel = await createKernel({
 *   llm: [
 *     openai('gpt-5-mini', { limits: { concurrency: 8, rpm: 500, tpm: 200_000 } }),
 *     openai('qwen3', { id: 'local', baseURL: 'http://localhost:11434/v1' }),
 *   ],
 * })
 * const reply = await kernel.sys().llm.chat({ model: 'local', messages: [{ role: 'user', content: 'Hello!' }] })
 * console.log(reply.text)
 * await kernel.close()
 * ```
 */
export function openai(model: string, options: OpenAiOptions = {}): LlmDriver {
  checkCoreOptions('openai()', { model, options }, OPENAI_FIELDS)
  const { resume } = options
  return vendorCore({ model, options, resume, defaults: OPENAI_DEFAULTS, load: () => loadChat(options) })
}
