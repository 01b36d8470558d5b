import type { LlmDriver } from '@aios/kernel'
import { checkCoreOptions } from '../core/core-options.js'
import { SERVES } from '../core/core-use.js'
import type { Protocol } from '../core/protocol.js'
import { rateHeaders } from '../core/rate-headers.js'
import { vendorCore } from '../core/vendor-core.js'
import { fromChat } from './chat-reply.js'
import { toOllamaWire, type OllamaWire } from './chat-request.js'
import { fromEmbed, toEmbedWire } from './embedding.js'
import { ollamaFault } from './fault.js'
import { foundCore } from './found-core.js'
import { LineReader } from './line-reader.js'
import { ModelHost } from './model-host.js'
import { ollamaClient } from './ollama-client.js'
import { ollamaDefaults, OLLAMA_FIELDS, type OllamaOptions } from './ollama-options.js'
import { loadSdk } from './sdk.js'

async function loadOllama(options: OllamaOptions): Promise<Protocol<OllamaWire>> {
  const sdk = await loadSdk()
  return {
    provider: 'ollama',
    connect: (endpoint) => ollamaClient(sdk, endpoint, options),
    toWire: (request, target) => toOllamaWire(request, target, options),
    fromBody: fromChat,
    reader: (reading) => new LineReader(reading),
    embedding: { toWire: (request, target) => toEmbedWire(request, target, options), fromBody: fromEmbed },
    fault: ollamaFault,
    rates: rateHeaders,
  }
}

function coreOf(model: string, options: OllamaOptions): LlmDriver {
  return vendorCore({
    model,
    backend: 'ollama',
    capabilities: { files: false, schema: true },
    options,
    serves: SERVES[options.use ?? 'chat'],
    defaults: ollamaDefaults('ollama()'),
    load: () => loadOllama(options),
  })
}

/** What a core hands on to those of other models on its host: how to reach it, and nothing about the model. */
function hostOptions({
  apiKey,
  apiKeys,
  baseURL,
  endpoints,
  headers,
  fetch,
  timeoutMs,
  keepAlive,
}: OllamaOptions): OllamaOptions {
  return { apiKey, apiKeys, baseURL, endpoints, headers, fetch, timeoutMs, keepAlive }
}

/**
 * Makes a core (AIOS: LLM core) for a model of an Ollama server, by Ollama's own API: tools, images, thinking, JSON Schema,
 * vectors. Needs the package `ollama`, which is imported when the kernel opens the core. Other models of the same host are
 * registered when they are asked for, unless `discover` is false; see {@link ollamaHost} for a host without a model to begin with.
 *
 * `providerOptions.ollama` of a request is merged into what is sent, its `options` field by field, and wins. What does not fit
 * the context window is refused by newer servers instead of being cut: `truncate: false` is sent. Written from Ollama's
 * documentation and its SDK, not verified live.
 *
 * @param model - the model to ask for, such as `llama3.2` or `qwen3:8b`
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use; when opened also for an `OLLAMA_HOST` that
 * is none, and `AIOS_MISSING_PEER` without the package `ollama`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { ollama } from '@aios/llm/ollama'
 *
 * const kernel = await createKernel({
 *   llm: [
 *     ollama('qwen3', { contextWindow: 16_384, keepAlive: '30m' }),
 *     ollama('nomic-embed-text', { use: 'embed' }),
 *   ],
 * })
 * const { llm } = kernel.sys()
 * const reply = await llm.chat({ messages: [{ role: 'user', content: 'Hello!' }], reasoning: 'none' })
 * const { vectors } = await llm.embed({ input: [reply.text] })
 * console.log(reply.text, vectors[0]?.length)
 * await kernel.close()
 * ```
 */
export function ollama(model: string, options: OllamaOptions = {}): LlmDriver {
  checkCoreOptions('ollama()', { model, options }, OLLAMA_FIELDS)
  const core = coreOf(model, options)
  if (options.discover === false) return core
  const host = new ModelHost('ollama()', core.id, options)
  return {
    ...core,
    async open(services) {
      await host.open(services)
      await core.open?.(services)
    },
    async close() {
      host.close()
      await core.close?.()
    },
    discover: (name) => foundCore(name, host, (found) => ollama(name, { ...hostOptions(options), ...found })),
  }
}
