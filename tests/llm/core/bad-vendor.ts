/** A vendor, as the lists of bad input and of hostile answers take it, and providers that speak like it. */
import type { LlmDriver, StreamPart, ToolCallPart } from '@aios/kernel'
import { opened } from './opened.js'
import { providerPool, type Body, type Play, type ReceivedRequest } from './provider.js'

/** What a model says: its text in pieces, then calls of tools with their arguments as text. */
export interface Saying {
  readonly text?: readonly string[]
  readonly calls?: readonly { readonly name: string; readonly args: string }[]
}

/** An answer that is no answer, and the code it ends in. */
export interface Refused {
  readonly status: number
  readonly body: Body
  readonly code: string
}

/** A core, and how its vendor words things. */
export interface BadVendor {
  readonly title: string
  readonly key: string
  /** A core in front of one provider for each address, with the key for each. It is not open yet. */
  make(baseURLs: readonly string[]): LlmDriver
  readonly contentType: string
  isStreamed(request: Pick<ReceivedRequest, 'url' | 'body'>): boolean
  /** Writes one event of a stream. */
  frame(event: Body, newline: string): string
  /** What follows the last event. */
  readonly mark: string
  /** An answer in one piece. */
  whole(saying: Saying): Body
  /** All events of a streamed answer. */
  events(saying: Saying): readonly Body[]
  /** How many events at the end say that the model is done. */
  readonly closing: number
  readonly refusals: Readonly<Record<'wrong key' | 'unknown model' | 'context overflow', Refused>> & {
    readonly 'request that a filter refuses'?: Refused
  }
  /** A filter that refuses the request, or one that ends the answer. */
  readonly filter: Refused | { readonly events: readonly Body[]; readonly whole: Body }
  /** Whether its errors lie where the SDK does not look for their words. */
  readonly isMute?: boolean
  readonly limited: Body
  /** Says how long to wait in the body, where the header is not seen. */
  readonly limitedFor?: (seconds: number) => Body
  readonly overloaded: Body
  /** The code of a page of HTML with status 200 in place of a stream; default `AIOS_LLM_INCOMPLETE_STREAM`. */
  readonly page?: string
  /** How many megabytes of one line the SDK takes within a second, where nothing can be put before it; default any. */
  readonly longest?: number
  /** Errors inside of a stream. */
  readonly frames: readonly (readonly [frame: Body, code: string])[]
  /** What arguments become that are no JSON; undefined where the protocol has them as an object. */
  readonly malformed?: 'kept' | undefined
  /** Whether the model sees images in the results of tools. Default false. */
  readonly seesResults?: boolean
  /** Which events come twice: those that repeat themselves change nothing. */
  isRepeatable(event: Body): boolean
}

/** Makes the endpoints of a core: each address with the key, at the top where it is the only one. */
export function places<T>(
  baseURLs: readonly string[],
  apiKey: T,
): { apiKey: T; baseURL: string } | { endpoints: { apiKey: T; baseURL: string }[] } {
  const [only] = baseURLs
  if (baseURLs.length === 1 && only !== undefined) return { apiKey, baseURL: only }
  return { endpoints: baseURLs.map((baseURL) => ({ apiKey, baseURL })) }
}

export const callsOf = (read: readonly StreamPart[]): ToolCallPart[] =>
  read.flatMap((part) => (part.type === 'tool-call' ? [part] : []))

/** Opens cores of a vendor in front of providers, and closes all after each test. */
export function bench(vendor: BadVendor) {
  const { provided, closeAll } = providerPool()
  const facing = async (...plays: readonly Play[]) => {
    const providers = []
    for (const play of plays) providers.push(await provided(play))
    const driver = await opened(vendor.make(providers.map(({ baseURL }) => baseURL)))
    return { driver, providers, provider: providers[0]! }
  }
  return { provided, facing, closed: closeAll }
}

/** Answers with JSON or with a stream, whichever was asked for. */
export function answering(vendor: BadVendor, whole: Body, events: readonly Body[]): Play {
  return (response, request) => {
    if (!vendor.isStreamed(request)) {
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole))
    }
    response.writeHead(200, { 'content-type': vendor.contentType })
    for (const event of events) response.write(vendor.frame(event, '\n'))
    return response.end(vendor.mark)
  }
}
