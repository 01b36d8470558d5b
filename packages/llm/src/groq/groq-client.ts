import { abortableFetch } from '../core/abortable-fetch.js'
import type { CoreOptions } from '../core/core-options.js'
import type { Endpoint } from '../core/endpoint.js'
import type { VendorClient, WireRequest } from '../core/protocol.js'
import { isRecord } from '../core/record.js'
import { heard } from '../core/sdk-answer.js'
import { globalFetch, wholeEvents } from '../core/whole-events.js'
import type { GroqSdk } from './sdk.js'

/** The longest timer there is: the bound on silence is ours, on the kernel's clock. */
const SDK_TIMEOUT_MS = 2_147_483_647
const PATH = '/openai/v1/chat/completions'

function sdkClient(sdk: GroqSdk, { baseURL, apiKey }: Endpoint, options: CoreOptions): InstanceType<GroqSdk['Groq']> {
  const withoutKey = apiKey === undefined ? { authorization: null } : {}
  return new sdk.Groq({
    // Groq's own pages show its root with and without the path that the SDK appends.
    baseURL: baseURL.replace(/\/openai\/v1\/?$/, ''),
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

/** Some gateways answer 200 and put the error into the body; Groq tells in `x_groq` why it stopped a stream. */
function refuseErrors(body: unknown, sdk: GroqSdk): void {
  if (!isRecord(body)) return
  const { x_groq: own } = body
  const error = body['error'] || (isRecord(own) ? own['error'] : undefined)
  if (!error) return
  throw new sdk.APIError(undefined, isRecord(error) ? error : { message: error }, undefined, undefined)
}

async function* checked(events: AsyncIterable<unknown>, sdk: GroqSdk): AsyncGenerator<unknown, void, undefined> {
  for await (const event of events) {
    refuseErrors(event, sdk)
    yield event
  }
}

/** Speaks Groq's chat completions. */
export function groqClient(sdk: GroqSdk, endpoint: Endpoint, options: CoreOptions): VendorClient<WireRequest> {
  const client = sdkClient(sdk, endpoint, options)
  return {
    async chat({ params }, exchange) {
      const body = await heard(client.post<unknown>(PATH, { body: params, signal: exchange.signal }), exchange)
      refuseErrors(body, sdk)
      return body
    },
    async stream({ params }, exchange) {
      const request = { body: { ...params, stream: true }, stream: true, signal: exchange.signal }
      return checked(await heard(client.post<AsyncIterable<unknown>>(PATH, request), exchange), sdk)
    },
  }
}
