import type { LlmDriver } from '@aios/kernel'
import { checkCoreOptions } from '../core/core-options.js'
import { vendorCore } from '../core/vendor-core.js'
import { OPENAI_DIALECT } from './chat-dialect.js'
import { loadChat } from './chat-protocol.js'
import { OPENAI_DEFAULTS, OPENAI_FIELDS, type OpenAiOptions } from './openai-options.js'

/**
 * Makes a core (AIOS: LLM core) for OpenAI's chat completions. For other servers that speak them, see
 * `@aios/llm/openai-compatible`. Needs the package `openai`, which is imported when the kernel opens the
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
  return vendorCore({
    model,
    backend: 'openai',
    options,
    resume,
    defaults: OPENAI_DEFAULTS,
    load: () => loadChat(options, OPENAI_DIALECT),
  })
}
