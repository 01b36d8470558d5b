import type { CoreOptions } from '../core/core-options.js'
import type { Endpoint } from '../core/endpoint.js'
import type { Exchange, VendorClient } from '../core/protocol.js'
import { abortableFetch } from '../core/abortable-fetch.js'
import type { PulledThrough } from '../core/pulled-through.js'
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

function checkedFetch(fetch: Fetch, keep: KeepBody): Fetch {
  return async (input, init) => {
    const { body, status, headers } = await fetch(input, init)
    if (body === null) return new Response(null, { status, headers })
    const checked = checkedLines(body)
    keep(checked)
    return new Response(checked.stream, { status, headers })
  }
}

/** The SDK reads no further than the line that says "done": reads the rest, which is the end of the body. */
function withRest(lines: AsyncIterable<unknown>, body: PulledThrough | undefined): AsyncIterable<unknown> {
  const iterator = lines[Symbol.asyncIterator]()
  const next = async (): Promise<IteratorResult<unknown>> => {
    const line = await iterator.next()
    // An answer that is done is whole, whatever breaks off behind it.
    if (line.done === true) await body?.drain().catch(() => undefined)
    return line
  }
  return { [Symbol.asyncIterator]: () => ({ next }) }
}

/** Makes the SDK's clients for an endpoint, each for one exchange. */
export function sdkClients(sdk: OllamaSdk, endpoint: Endpoint, options: CoreOptions): ClientOf {
  const { baseURL, apiKey } = endpoint
  const given = new Headers(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` })
  for (const [name, value] of Object.entries(options.headers ?? {})) given.set(name, value)
  // The SDK looks for `authorization` in a plain object, before it takes a key from the environment by itself.
  const headers = Object.fromEntries(given)
  const fetch = options.fetch === undefined ? globalThis.fetch : abortableFetch(options.fetch)
  return (exchange, keep) => {
    const asking = exchangeFetch(fetch, exchange)
    return new sdk.Ollama({ host: baseURL, headers, fetch: keep === undefined ? asking : checkedFetch(asking, keep) })
  }
}

type KeepBody = (body: PulledThrough) => void

/** Makes the SDK's client for one exchange. `keep` is for one whose answer is streamed, and gets its body. */
export type ClientOf = (exchange: Exchange, keep?: KeepBody) => Sdk

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
    async stream({ params }, exchange) {
      let body: PulledThrough | undefined
      const client = clientOf(exchange, (checked) => (body = checked))
      return withRest(await client.chat({ ...(params as unknown as ChatParams), stream: true }), body)
    },
    embed: ({ params }, exchange) => accepted(clientOf(exchange).embed(params as EmbedParams)),
  }
}
