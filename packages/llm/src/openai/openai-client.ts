import { abortableFetch } from '../core/abortable-fetch.js'
import type { CoreOptions } from '../core/core-options.js'
import type { Endpoint } from '../core/endpoint.js'
import type { EmbedWire, Exchange, VendorClient } from '../core/protocol.js'
import { isRecord } from '../core/record.js'
import { heard } from '../core/sdk-answer.js'
import { globalFetch, wholeEvents } from '../core/whole-events.js'
import type { ChatWire } from './chat-request.js'
import type { OpenAiSdk } from './sdk.js'

/** The longest timer there is: the bound on silence is ours, on the kernel's clock. */
const SDK_TIMEOUT_MS = 2_147_483_647

/** Is the SDK's client. */
export type SdkClient = InstanceType<OpenAiSdk['OpenAI']>

/** Makes the SDK's client for an endpoint. */
export function sdkClient(
  sdk: OpenAiSdk,
  endpoint: Pick<Endpoint, 'baseURL' | 'apiKey'>,
  options: Pick<CoreOptions, 'headers' | 'fetch'>,
): SdkClient {
  const { baseURL, apiKey } = endpoint
  const withoutKey = apiKey === undefined ? { authorization: null } : {}
  return new sdk.OpenAI({
    baseURL,
    // The SDK insists on a key; the null header keeps this one from being sent.
    apiKey: apiKey ?? 'none',
    defaultHeaders: { ...withoutKey, ...options.headers },
    // Attempts are the kernel's to count, and the SDK's log would print what it sends.
    maxRetries: 0,
    logLevel: 'off',
    timeout: SDK_TIMEOUT_MS,
    fetch: wholeEvents(options.fetch === undefined ? globalFetch : abortableFetch(options.fetch)),
  })
}

/** Returns a body, unless it is an error: some gateways answer 200 and put the error into the body. */
export function bodyOf(sdk: Pick<OpenAiSdk, 'APIError'>, body: unknown): unknown {
  if (isRecord(body) && body['error']) throw new sdk.APIError(undefined, body['error'], undefined, undefined)
  return body
}

/** Returns what asks for vectors. */
export function vectorClient(
  sdk: OpenAiSdk,
  client: SdkClient,
): (wire: EmbedWire, exchange: Exchange) => Promise<unknown> {
  return async ({ params }, exchange) => {
    const { signal } = exchange
    // The parameters always say an encoding: without one the SDK would decode whatever comes.
    return bodyOf(sdk, await heard(client.post('/embeddings', { body: params, signal }), exchange))
  }
}

/** Speaks chat completions. */
export function chatClient(sdk: OpenAiSdk, endpoint: Endpoint, options: CoreOptions): VendorClient<ChatWire> {
  const client = sdkClient(sdk, endpoint, options)
  return {
    async chat({ params }, exchange) {
      const { signal } = exchange
      return bodyOf(sdk, await heard(client.chat.completions.create(params, { signal }), exchange))
    },
    stream({ params, isCounted }, exchange) {
      const { signal } = exchange
      const usage = { include_usage: true, ...(isCounted ? { continuous_usage_stats: true } : {}) }
      const streamed = { stream_options: usage, ...params, stream: true as const }
      return heard(client.chat.completions.create(streamed, { signal }), exchange)
    },
    embed: vectorClient(sdk, client),
  }
}
