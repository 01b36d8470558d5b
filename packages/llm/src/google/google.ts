import type { LlmDriver } from '@aios/kernel'
import { checkCoreOptions } from '../core/core-options.js'
import { SERVES } from '../core/core-use.js'
import { vendorCore } from '../core/vendor-core.js'
import { GEMINI_FIELDS, geminiDefaults, useOf, type GeminiOptions } from '../gemini/gemini-options.js'
import { geminiProtocol } from '../gemini/gemini-protocol.js'
import { genAiClient } from './genai-client.js'
import { loadSdk } from './sdk.js'

/** Is what `google()` takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export type GoogleOptions = GeminiOptions

/**
 * Makes a core (AIOS: LLM core) for the Gemini API. Needs the package `@google/genai`, which is imported when the kernel
 * opens the core.
 *
 * `providerOptions.google` of a request is merged into the body of `generateContent`, in the words of Gemini's API reference:
 * what it says in `generationConfig` and `toolConfig` wins one by one, `tools` come beside those of the request, everything
 * else wins as a whole. Thought signatures are kept in `opaque` and returned to the same host byte for byte. `reasoning`
 * becomes a thinking budget or level and shows the thoughts. Retries and automatic continuation of the SDK are off. A
 * schema in `responseFormat` is sent, but check the answer.
 *
 * A model that makes vectors serves `llm.embed`, a hundred texts in each request; `providerOptions.google` is then merged into
 * what is sent for each text, such as `taskType`.
 *
 * @param model - the model to ask for, such as `gemini-3-flash-preview` or `gemini-embedding-001`
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use; when opened also for a
 * missing key, and `AIOS_MISSING_PEER` without the package `@google/genai`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { google } from '@aios/llm/google'
 *
 * const kernel = await createKernel({ llm: [google('gemini-3-flash-preview', { limits: { concurrency: 8, rpm: 60 } })] })
 * const reply = await kernel.sys().llm.chat({
 *   messages: [{ role: 'user', content: 'What happened in Oslo today?' }],
 *   reasoning: 'low',
 *   providerOptions: { google: { tools: [{ googleSearch: {} }] } },
 * })
 * console.log(reply.text)
 * await kernel.close()
 * ```
 */
export function google(model: string, options: GoogleOptions = {}): LlmDriver {
  checkCoreOptions('google()', { model, options }, GEMINI_FIELDS)
  const use = useOf(model, options)
  return vendorCore({
    model,
    backend: 'google',
    options,
    defaults: geminiDefaults('google()'),
    serves: SERVES[use],
    countsTokens: use !== 'embed',
    async load() {
      const sdk = await loadSdk()
      return geminiProtocol((endpoint) => genAiClient(sdk, endpoint, options))
    },
  })
}
