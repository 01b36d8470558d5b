import type { LlmDriver } from '@aios/kernel'
import type { CoreEmbedReply } from '@aios/kernel/driver'
import type { EndpointDefaults } from '../../core/endpoint.js'
import type { Protocol } from '../../core/protocol.js'
import { rateHeaders } from '../../core/rate-headers.js'
import { vendorCore } from '../../core/vendor-core.js'
import { toCallOptions, toEmbedOptions, type SdkWire } from './call-options.js'
import { aiSdkFault } from './fault.js'
import { checkFromOptions, type FromAiSdkOptions } from './from-options.js'
import { fromGenerated } from './generated.js'
import { checkModel, type AiSdkEmbeddingModel, type AiSdkLanguageModel, type SdkModel } from './model.js'
import { PartReader } from './part-reader.js'
import { sdkClient } from './sdk-client.js'

const DEFAULTS: EndpointDefaults = {
  call: 'fromAiSdk()',
  // Nothing is sent there: the model knows where it goes.
  url: 'http://ai-sdk.invalid',
  keyVariables: [],
  keyAdvice: 'what the provider of the model was made with',
  needsKey: () => false,
}

function protocolOf(model: SdkModel, { headers }: FromAiSdkOptions): Protocol<SdkWire> {
  const { provider } = model
  return {
    provider,
    connect: () => sdkClient(model, headers),
    toWire: (request) => toCallOptions(request, model),
    fromBody: (body, reading) => fromGenerated(body, reading, provider),
    reader: (reading) => new PartReader(reading, provider),
    embedding: {
      toWire: (request) => toEmbedOptions(request, model),
      fromBody: (body) => body as CoreEmbedReply,
    },
    fault: aiSdkFault,
    rates: rateHeaders,
  }
}

/**
 * Makes a core (AIOS: LLM core) of a model of the AI SDK (package `ai`): any language model, or embedding model, of
 * specification v2, v3 or v4, from whatever provider package. Nothing of the AI SDK is imported: the model is known by its shape.
 *
 * The kernel counts the attempts, so none are made here. `providerOptions` of a request goes to the model as it is;
 * `providerOptions['ai-sdk']` is merged into the options of the call itself, such as `topK`, and wins. What a provider attached
 * to a part goes back to models of the same provider untouched. With a schema, models of `openai` and `azure` get `strictJsonSchema: false` unless the request
 * says otherwise there: their packages ask for strict ones, which forbid optional fields. Addresses of files that the model says it cannot fetch are refused.
 *
 * @param model - the model, such as `openai('gpt-5')` of `@ai-sdk/openai`
 * @throws AiosError `AIOS_INVALID_OPTION` for what is no such model, and for an option it does not know or cannot use
 * @example
 * ```ts
 * import { createOpenAI } from '@ai-sdk/openai'
 * import { createKernel } from '@aios/kernel'
 * import { fromAiSdk } from '@aios/llm/ai-sdk'
 *
 * const provider = createOpenAI({ apiKey: process.env['OPENAI_API_KEY'] ?? '' })
 * const kernel = await createKernel({
 *   llm: [fromAiSdk(provider('gpt-5'), { id: 'main' }), fromAiSdk(provider.embedding('text-embedding-3-small'))],
 * })
 * const { llm } = kernel.sys()
 * const reply = await llm.chat({ messages: [{ role: 'user', content: 'Hello!' }] })
 * const { vectors } = await llm.embed({ input: [reply.text] })
 * console.log(reply.text, vectors[0]?.length)
 * await kernel.close()
 * ```
 */
export function fromAiSdk(model: AiSdkLanguageModel | AiSdkEmbeddingModel, options: FromAiSdkOptions = {}): LlmDriver {
  const checked = checkModel(model)
  checkFromOptions(options)
  return vendorCore({
    model: checked.modelId,
    backend: checked.provider.split('.')[0]!,
    options,
    serves: [
      ...(checked.doGenerate === undefined ? [] : ['chat' as const]),
      ...(checked.doEmbed === undefined ? [] : ['embed' as const]),
    ],
    defaults: DEFAULTS,
    load: () => Promise.resolve(protocolOf(checked, options)),
  })
}
