import type { LlmDriver } from '@aios/kernel'
import { option, type OptionField } from '@aios/kernel/driver'
import { checkCoreOptions } from '../core/core-options.js'
import { SERVES } from '../core/core-use.js'
import { vendorCore } from '../core/vendor-core.js'
import { GEMINI_FIELDS, geminiDefaults, useOf, type GeminiOptions } from '../gemini/gemini-options.js'
import { geminiProtocol } from '../gemini/gemini-protocol.js'
import { generativeAiClient } from './generative-ai-client.js'
import { loadSdk } from './sdk.js'

/**
 * Is what `googleGenerativeAi()` takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`, and so is `fetch`:
 * the package always uses the global one.
 */
export type GoogleGenerativeAiOptions = Omit<GeminiOptions, 'fetch'>

const FIELDS: Readonly<Record<string, OptionField>> = {
  ...GEMINI_FIELDS,
  fetch: option.custom(
    'no fetch, for which the package @google/generative-ai has no option (google() has)',
    (value) => value === undefined,
  ),
}

/**
 * Makes a core (AIOS: LLM core) for the Gemini API over the package `@google/generative-ai`, whose support ended on 31 August
 * 2025: for projects that still have it. `google()` of `@aios/llm/google` does the same over its successor, and more; see there
 * for what is sent. Both keep the provider's state alike, so a conversation may move from one to the other.
 *
 * The package shows no headers of an answer, so that only what stands in the body tells how long to wait, and it reads
 * a stream as fast as it comes.
 *
 * @param model - the model to ask for, such as `gemini-2.5-flash`
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use; when opened also for a
 * missing key, and `AIOS_MISSING_PEER` without the package `@google/generative-ai`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { googleGenerativeAi } from '@aios/llm/google-generative-ai'
 *
 * const kernel = await createKernel({ llm: [googleGenerativeAi('gemini-2.5-flash')] })
 * const reply = await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Hello!' }] })
 * console.log(reply.text)
 * await kernel.close()
 * ```
 */
export function googleGenerativeAi(model: string, options: GoogleGenerativeAiOptions = {}): LlmDriver {
  checkCoreOptions('googleGenerativeAi()', { model, options }, FIELDS)
  const use = useOf(model, options)
  return vendorCore({
    model,
    backend: 'google',
    options,
    defaults: geminiDefaults('googleGenerativeAi()'),
    serves: SERVES[use],
    countsTokens: use !== 'embed',
    async load() {
      const sdk = await loadSdk()
      return geminiProtocol((endpoint) => generativeAiClient(sdk, endpoint, options))
    },
  })
}
