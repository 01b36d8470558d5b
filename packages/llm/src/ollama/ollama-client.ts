import type { CoreOptions } from '../core/core-options.js'
import type { Endpoint } from '../core/endpoint.js'
import type { Exchange, VendorClient } from '../core/protocol.js'
import { abortableFetch } from '../core/abortable-fetch.js'
import type { OllamaWire } from './chat-request.js'
import { checkedLines } from './checked-lines.js'
import type { OllamaSdk } from './sdk.js'
import { refusalIn, refusalOf } from './server-refusal.js'

type Sdk = InstanceType<OllamaSdk['Ollama']>
type ChatParams = Parameters<Sdk['chat']>[0]
type EmbedParams = Parameters<Sdk['embed']>[0]
type Fetch = typeof globalThis.fetch

/**
 * Makes the `fetch` of one exchange: the SDK takes no signal, keeps headers and status to itself, and prints error pages to the
 * console.
 */
function exchangeFetch(fetch: Fetch, exchange: Exchange): Fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, signal: exchange.signal })
    exchange.heard(response.headers)
    if (!response.ok) throw await refusalOf(response)
    return response
  }
}

function checkedFetch(fetch: Fetch): Fetch {
  return async (input, init) => {
    const { body, status, headers } = await fetch(input, init)
    return new Response(body === null ? null : checkedLines(body), { status, headers })
  }
}

/** Makes the SDK's clients for an endpoint, each for one exchange. */
export function sdkClients(sdk: OllamaSdk, endpoint: Endpoint, options: CoreOptions): ClientOf {
  const { baseURL, apiKey } = endpoint
  const given = new Headers(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` })
  for (const [name, value] of Object.entries(options.headers ?? {})) given.set(name, value)
  // The SDK looks for `authorization` in a plain object, before it takes a key from the environment by itself.
  const headers = Object.fromEntries(given)
  const fetch = options.fetch === undefined ? globalThis.fetch : abortableFetch(options.fetch)
  return (exchange, isStreamed = false) => {
    const asking = exchangeFetch(fetch, exchange)
    return new sdk.Ollama({ host: baseURL, headers, fetch: isStreamed ? checkedFetch(asking) : asking })
  }
}

/** Makes the SDK's client for one exchange. */
export type ClientOf = (exchange: Exchange, isStreamed?: boolean) => Sdk

/** Some gateways answer 200 and put the error into the body. */
async function accepted(answer: Promise<unknown>): Promise<unknown> {
  const body = await answer
  const refusal = refusalIn(body)
  if (refusal !== undefined) throw refusal
  return body
}

/** Speaks Ollama's own API. */
export function ollamaClient(sdk: OllamaSdk, endpoint: Endpoint, options: CoreOptions): VendorClient<OllamaWire> {
  const clientOf = sdkClients(sdk, endpoint, options)
  return {
    chat: ({ params }, exchange) =>
      accepted(clientOf(exchange).chat({ ...(params as unknown as ChatParams), stream: false })),
    stream: ({ params }, exchange) =>
      clientOf(exchange, true).chat({ ...(params as unknown as ChatParams), stream: true }),
    embed: ({ params }, exchange) => accepted(clientOf(exchange).embed(params as EmbedParams)),
  }
}
