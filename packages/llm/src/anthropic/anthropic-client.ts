import { abortableFetch } from '../core/abortable-fetch.js'
import type { CoreOptions } from '../core/core-options.js'
import type { Endpoint } from '../core/endpoint.js'
import type { VendorClient } from '../core/protocol.js'
import { isRecord } from '../core/record.js'
import { heard } from '../core/sdk-answer.js'
import { tokenCount } from '../core/token-count.js'
import { globalFetch, wholeEvents } from '../core/whole-events.js'
import type { MessagesWire } from './messages-request.js'
import type { AnthropicSdk } from './sdk.js'

/** The longest timer there is: the bound on silence is ours, on the kernel's clock. */
const SDK_TIMEOUT_MS = 2_147_483_647

/** Fields of a request that the API counts; it rejects all others when it counts. */
const COUNTED = ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'cache_control']

function sdkClient(
  sdk: AnthropicSdk,
  { baseURL, apiKey }: Endpoint,
  options: CoreOptions,
): InstanceType<AnthropicSdk['Anthropic']> {
  const withoutKey = apiKey === undefined ? { authorization: null } : {}
  return new sdk.Anthropic({
    baseURL,
    // Without one the SDK looks for credentials on the disk; the null header keeps this one from being sent.
    apiKey: apiKey ?? 'none',
    defaultHeaders: { ...withoutKey, ...options.headers },
    // Attempts are the kernel's to count, and the SDK's log would print what it sends.
    maxRetries: 0,
    logLevel: 'off',
    timeout: SDK_TIMEOUT_MS,
    fetch: wholeEvents(options.fetch === undefined ? globalFetch : abortableFetch(options.fetch)),
  })
}

/** Some gateways answer 200 and put the error into the body. */
function refuseErrors(body: unknown, sdk: AnthropicSdk): void {
  if (isRecord(body) && body['type'] === 'error') throw new sdk.APIError(undefined, body, undefined, undefined)
}

/**
 * Speaks the Messages API. Its requests go out by the SDK's `post`: `messages.create` prints warnings about models to the
 * console, and refuses long answers that are not streamed.
 */
export function messagesClient(
  sdk: AnthropicSdk,
  endpoint: Endpoint,
  options: CoreOptions,
): VendorClient<MessagesWire> {
  const client = sdkClient(sdk, endpoint, options)
  return {
    async chat({ params }, exchange) {
      const { signal } = exchange
      const body = await heard(client.post<unknown>('/v1/messages', { body: params, signal }), exchange)
      refuseErrors(body, sdk)
      return body
    },
    stream({ params }, exchange) {
      const request = { body: { ...params, stream: true }, stream: true, signal: exchange.signal }
      return heard(client.post<AsyncIterable<unknown>>('/v1/messages', request), exchange)
    },
    async count({ params }, exchange) {
      const body = Object.fromEntries(Object.entries(params).filter(([name]) => COUNTED.includes(name)))
      const { signal } = exchange
      const counted = await heard(client.post<unknown>('/v1/messages/count_tokens', { body, signal }), exchange)
      refuseErrors(counted, sdk)
      return isRecord(counted) ? tokenCount(counted['input_tokens']) : undefined
    },
  }
}
