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

/** Returns what a choice says went wrong: routers tell there that the server behind them failed. */
function failureOf(choice: unknown): object | undefined {
  if (!isRecord(choice)) return undefined
  const { error, finish_reason: reason } = choice
  if (error) return isRecord(error) ? error : { message: error }
  return reason === 'error' ? { message: 'The answer ended in an error that the server does not name.' } : undefined
}

/** Returns a completion, or a chunk of one, unless it tells of an error. */
function completionOf(sdk: Pick<OpenAiSdk, 'APIError'>, body: unknown): unknown {
  const choices: readonly unknown[] = isRecord(body) && Array.isArray(body['choices']) ? body['choices'] : []
  const failure = choices.map(failureOf).find((each) => each !== undefined)
  if (failure !== undefined) throw new sdk.APIError(undefined, failure, undefined, undefined)
  return bodyOf(sdk, body)
}

async function* chunksOf(
  sdk: Pick<OpenAiSdk, 'APIError'>,
  chunks: AsyncIterable<unknown>,
): AsyncGenerator<unknown, void, undefined> {
  for await (const chunk of chunks) yield completionOf(sdk, chunk)
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
      return completionOf(sdk, await heard(client.chat.completions.create(params, { signal }), exchange))
    },
    async stream({ params, isCounted }, exchange) {
      const { signal } = exchange
      const usage = { include_usage: true, ...(isCounted ? { continuous_usage_stats: true } : {}) }
      const streamed = { stream_options: usage, ...params, stream: true as const }
      return chunksOf(sdk, await heard(client.chat.completions.create(streamed, { signal }), exchange))
    },
    embed: vectorClient(sdk, client),
  }
}
