import { abortableFetch } from '../core/abortable-fetch.js'
import type { Endpoint } from '../core/endpoint.js'
import type { Exchange, VendorClient } from '../core/protocol.js'
import { isRecord } from '../core/record.js'
import { globalFetch, wholeEvents } from '../core/whole-events.js'
import { AnswerRefusal } from '../gemini/answer-refusal.js'
import type { EmbedBody } from '../gemini/embedding.js'
import { begunStream } from '../gemini/event-stream.js'
import { API_VERSION, type GeminiOptions } from '../gemini/gemini-options.js'
import type { GenerateWire } from '../gemini/generate-request.js'
import { modelPath } from '../gemini/model-path.js'
import { withoutWarnings } from './quiet-console.js'
import type { GenAiSdk } from './sdk.js'

type Client = InstanceType<GenAiSdk['GoogleGenAI']>
type Fetch = typeof globalThis.fetch

/** Is one request, seen from the side of its connection. */
class Wiretap {
  #answered: Headers | undefined
  readonly #fetch: Fetch
  readonly #exchange: Exchange
  readonly #isKeyless: boolean

  constructor(exchange: Exchange, fetch: Fetch, isKeyless: boolean) {
    this.#exchange = exchange
    this.#fetch = fetch
    this.#isKeyless = isKeyless
  }

  get signal(): AbortSignal {
    return this.#exchange.signal
  }

  /** Headers of the answer, which the SDK's errors do not have. */
  get headers(): Headers | undefined {
    return this.#answered
  }

  readonly fetch: Fetch = async (input, init) => {
    const headers = new Headers(init?.headers)
    if (this.#isKeyless && headers.get(KEY_HEADER) === NO_KEY) headers.delete(KEY_HEADER)
    const response = await this.#fetch(input, { ...init, headers })
    this.#answered = response.headers
    this.#exchange.heard(response.headers)
    if (response.ok && response.headers.get('content-type')?.startsWith('text/html') === true) {
      await response.body?.cancel()
      // The SDK would take it for an answer that broke off, as if the connection were at fault.
      throw new SyntaxError('Expected an answer, got a page of HTML.')
    }
    return response
  }
}

const KEY_HEADER = 'x-goog-api-key'
/** The SDK looks for credentials of the machine where it has no key. */
const NO_KEY = 'none'

/** The SDK puts what the provider said into its message, as JSON. */
function bodyOf(message: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(message.slice(message.indexOf('{')))
    if (isRecord(answer) && isRecord(answer['error'])) return answer['error']
  } catch {
    // It said nothing that a machine could read; the status speaks.
  }
  return { message }
}

function makeClient(sdk: GenAiSdk, { baseURL, apiKey }: Endpoint, options: GeminiOptions): Client {
  const { apiVersion = API_VERSION, headers = {} } = options
  // It warns of two keys in the environment, whichever it was given.
  return withoutWarnings(
    () =>
      new sdk.GoogleGenAI({
        apiKey: apiKey ?? NO_KEY,
        apiVersion,
        enterprise: false,
        httpOptions: { baseUrl: baseURL, headers: { ...headers } },
      }),
  )
}

/**
 * Returns what the SDK is asked. The body goes beside its parameters, whose conversion would drop what this version of the
 * SDK does not know.
 */
function sdkCall(model: string, body: Readonly<Record<string, unknown>>, tap: Wiretap) {
  return {
    model,
    contents: [{ role: 'user', parts: [] }],
    config: {
      abortSignal: tap.signal,
      // Requests are the kernel's to make, one for each attempt.
      automaticContinuation: false,
      automaticFunctionCalling: { disable: true },
      httpOptions: { fetch: tap.fetch, extraBody: { ...body } },
    },
  }
}

/** Speaks Gemini's API through `@google/genai`. */
export function genAiClient(sdk: GenAiSdk, endpoint: Endpoint, options: GeminiOptions): VendorClient<GenerateWire> {
  const { models } = makeClient(sdk, endpoint, options)
  const fetch = wholeEvents(options.fetch === undefined ? globalFetch : abortableFetch(options.fetch))
  const tapOf = (exchange: Exchange): Wiretap => new Wiretap(exchange, fetch, endpoint.apiKey === undefined)
  const refusal = (error: unknown, tap: Wiretap, isStatus: boolean): unknown => {
    if (!(error instanceof sdk.ApiError)) return error
    const status = isStatus ? error.status : undefined
    return new AnswerRefusal({ status, body: bodyOf(error.message), headers: tap.headers, cause: error })
  }
  const asked = async <T>(tap: Wiretap, ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask()
    } catch (error) {
      throw refusal(error, tap, true)
    }
  }
  return {
    chat({ model, params }, exchange) {
      const tap = tapOf(exchange)
      return asked(tap, () => models.generateContent(sdkCall(model, { ...params }, tap)))
    },
    async stream({ model, params }, exchange) {
      const tap = tapOf(exchange)
      const call = sdkCall(model, { ...params }, tap)
      const events = await asked(tap, () => models.generateContentStream(call))
      return begunStream(events, (error) => refusal(error, tap, false))
    },
    embed(wire, exchange) {
      const { model, requests } = wire.params as EmbedBody
      const tap = tapOf(exchange)
      const config = { abortSignal: tap.signal, httpOptions: { fetch: tap.fetch, extraBody: { requests } } }
      // Of the contents it would make its own requests, with one title and task for all, and some models' texts as one.
      return asked(tap, () => models.embedContent({ model, contents: [], config }))
    },
    async count({ model, params }, exchange) {
      const tap = tapOf(exchange)
      const generateContentRequest = { model: modelPath(model), ...params }
      // Of the two ways to say what to count, the API wants one.
      const body = { contents: undefined, generateContentRequest }
      const { totalTokens } = await asked(tap, () => models.countTokens(sdkCall(model, body, tap)))
      return totalTokens
    },
  }
}
