import type { LlmDriver } from '@aios/kernel'
import { checkCoreOptions } from '../core/core-options.js'
import type { Protocol } from '../core/protocol.js'
import { vendorCore } from '../core/vendor-core.js'
import { messagesClient } from './anthropic-client.js'
import { ANTHROPIC_DEFAULTS, ANTHROPIC_FIELDS, type AnthropicOptions } from './anthropic-options.js'
import { EventReader } from './event-reader.js'
import { anthropicFault } from './fault.js'
import { fromMessage } from './message-reply.js'
import { toMessagesWire, type MessagesWire } from './messages-request.js'
import { anthropicRates } from './rate-headers.js'
import { loadSdk } from './sdk.js'

async function loadMessages(options: AnthropicOptions): Promise<Protocol<MessagesWire>> {
  const sdk = await loadSdk()
  return {
    provider: 'anthropic',
    connect: (endpoint) => messagesClient(sdk, endpoint, options),
    toWire: (request, target) => toMessagesWire(request, target, options),
    fromBody: fromMessage,
    reader: (reading) => new EventReader(reading),
    fault: (error, now) => anthropicFault(error, sdk, now),
    rates: anthropicRates,
  }
}

/**
 * Makes a core (AIOS: LLM core) for Anthropic's Messages API, or for a server that speaks it, by `baseURL`. Needs the package
 * `@anthropic-ai/sdk`, which is imported when the kernel opens the core.
 *
 * `providerOptions.anthropic` of a request is merged into what is sent, and wins; prompt caching is asked for there. What a
 * model thought, with its signature, and what the provider's own tools did are kept in the parts and go back to the same host
 * as they came. `countTokens` asks the API, and falls back on the kernel's bound. The SDK's own retries are off.
 *
 * @param model - the model to ask for, such as `claude-sonnet-5-5`
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use; when opened also for a
 * missing key, and `AIOS_MISSING_PEER` without the package `@anthropic-ai/sdk`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { anthropic } from '@aios/llm/anthropic'
 *
 * const kernel = await createKernel({
 *   llm: anthropic('claude-sonnet-5-5', { contextWindow: 200_000, maxOutputTokens: 16_000, limits: { concurrency: 8 } }),
 * })
 * const reply = await kernel.sys().llm.chat({
 *   messages: [{ role: 'user', content: 'Hello!' }],
 *   reasoning: 'low',
 *   providerOptions: { anthropic: { cache_control: { type: 'ephemeral' } } },
 * })
 * console.log(reply.text)
 * await kernel.close()
 * ```
 */
export function anthropic(model: string, options: AnthropicOptions = {}): LlmDriver {
  checkCoreOptions('anthropic()', { model, options }, ANTHROPIC_FIELDS)
  const { resume } = options
  const load = (): Promise<Protocol<MessagesWire>> => loadMessages(options)
  return vendorCore({
    model,
    backend: 'anthropic',
    // All Claude models; which of them keep to a schema is not known by name.
    capabilities: { tools: true, images: true, files: true },
    options,
    resume,
    defaults: ANTHROPIC_DEFAULTS,
    countsTokens: true,
    load,
  })
}
