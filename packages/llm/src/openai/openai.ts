import { AiosError, type LlmDriver } from '@aios/kernel/driver'
import { checkCoreOptions } from '../core/core-options.js'
import { SERVES } from '../core/core-use.js'
import { vendorCore } from '../core/vendor-core.js'
import { OPENAI_DIALECT } from './chat-dialect.js'
import { loadChat } from './chat-protocol.js'
import { OPENAI_DEFAULTS, OPENAI_FIELDS, useOf, type OpenAiOptions } from './openai-options.js'
import { loadResponses } from './responses/responses-protocol.js'

/**
 * Makes a core (AIOS: LLM core) for a model of OpenAI's, by Chat Completions, or by Responses with `api: 'responses'`; a model that
 * makes vectors serves `llm.embed`. For other servers that speak chat completions, see `@aios/llm/openai-compatible`. Needs the
 * package `openai`, which is imported when the kernel opens the core.
 *
 * `providerOptions.openai` of a request is merged into what is sent, and wins. By chat completions `maxOutputTokens` is sent as
 * `max_completion_tokens` to OpenAI and Azure, as `max_tokens` to everyone else. By responses nothing is kept at the provider
 * (`store: false`), and what a model thought goes back to it encrypted. The SDK's own retries are off. A schema in
 * `responseFormat` is sent without `strict`, so check the answer.
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
 *     openai('gpt-5.1-codex', { api: 'responses' }),
 *     openai('text-embedding-3-small'),
 *     openai('qwen3', { id: 'local', baseURL: 'http://localhost:11434/v1' }),
 *   ],
 * })
 * const { llm } = kernel.sys()
 * const reply = await llm.chat({ model: 'local', messages: [{ role: 'user', content: 'Hello!' }] })
 * const { vectors } = await llm.embed({ input: [reply.text], dimensions: 256 })
 * console.log(reply.text, vectors[0]?.length)
 * await kernel.close()
 * ```
 */
export function openai(model: string, options: OpenAiOptions = {}): LlmDriver {
  checkCoreOptions('openai()', { model, options }, OPENAI_FIELDS)
  const { resume, api = 'chat' } = options
  const parts = { model, backend: 'openai', options, defaults: OPENAI_DEFAULTS, serves: SERVES[useOf(model, options)] }
  if (api === 'chat') return vendorCore({ ...parts, resume, load: () => loadChat(options, OPENAI_DIALECT) })
  if (resume === 'prefix') {
    const message = `Expected "resume" of openai() to be "none" with api "responses", got "prefix": that API continues no message.`
    throw new AiosError('AIOS_INVALID_OPTION', message)
  }
  return vendorCore({ ...parts, load: () => loadResponses(options) })
}
