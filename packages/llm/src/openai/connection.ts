import { AiosError, type Clock, type DriverCall, type DriverServices } from '@aios/kernel'
import type { RateSignal } from '@aios/kernel/driver'
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions'
import { isRecord } from './record.js'
import { abortableFetch } from './abortable-fetch.js'
import { CallScope } from './call-scope.js'
import { DEFAULT_TIMEOUT_MS, resolveEndpoint, type OpenAiOptions } from './openai-options.js'
import { errorSignal, providerError, type ErrorTranslation } from './provider-error.js'
import { rateHeaders } from './rate-headers.js'
import { loadSdk, type OpenAiSdk } from './sdk.js'
import { secretsOf } from './secrets.js'

type Params = ChatCompletionCreateParamsNonStreaming

/** Is an open connection to one server, with all that is secret about it inside. */
export interface Connection {
  readonly host: string
  /** Begins a call; the caller closes it. */
  begin(call: DriverCall): CallScope
  chat(params: Params, scope: CallScope): Promise<unknown>
  stream(params: Params, scope: CallScope): Promise<AsyncIterator<unknown>>
  /** Stops every call that still runs. Idempotent. */
  close(): void
}

/** Is the part of the SDK's promise that is needed; its headers come before its body. */
interface SdkAnswer<T> extends PromiseLike<T> {
  asResponse(): Promise<Pick<Response, 'headers'>>
}

/** The longest timer there is: the bound on silence is ours, on the kernel's clock. */
const SDK_TIMEOUT_MS = 2_147_483_647

function createClient(sdk: OpenAiSdk, options: OpenAiOptions, endpoint: ReturnType<typeof resolveEndpoint>) {
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
    ...(options.fetch === undefined ? {} : { fetch: abortableFetch(options.fetch) }),
  })
}

/** Translates an error, and passes on what it says about the provider's limits. */
function translated(error: unknown, translation: ErrorTranslation, observe: DriverCall['observe']): AiosError {
  const failed = providerError(error, translation)
  const signal = errorSignal(error, failed, translation)
  if (signal !== undefined) observe(signal)
  return failed
}

/** Waits for an answer, and passes on what its headers say about the provider's limits as soon as they are there. */
async function heard<T>(answer: SdkAnswer<T>, scope: CallScope, clock: Clock): Promise<T> {
  const { headers } = await answer.asResponse()
  const said = rateHeaders(headers, clock.now())
  if (said !== undefined) scope.observe({ kind: 'headers', ...said })
  return answer
}

/**
 * Opens a connection: reads the environment and loads the SDK. Nothing is sent.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` or `AIOS_MISSING_PEER`
 */
export async function openConnection(
  core: string,
  options: OpenAiOptions,
  services: DriverServices,
): Promise<Connection> {
  const endpoint = resolveEndpoint(options, process.env)
  const sdk = await loadSdk()
  const client = createClient(sdk, options, endpoint)
  const { clock } = services
  const secrets = secretsOf(endpoint.apiKey, options.headers ?? {})
  const translation: ErrorTranslation = { sdk, core, secrets, now: () => clock.now() }
  const scopes = new Set<CallScope>()
  return {
    host: endpoint.host,
    begin(call) {
      const silenceMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
      const onClose = (): void => void scopes.delete(scope)
      const observe = (signal: RateSignal): void => {
        call.observe(signal)
      }
      const translate = (error: unknown): AiosError => translated(error, translation, observe)
      const scope = new CallScope({ caller: call.signal, clock, silenceMs, translate, observe, onClose })
      scopes.add(scope)
      return scope
    },
    chat: (params, scope) =>
      scope.wait(async () => {
        const body: unknown = await heard(
          client.chat.completions.create(params, { signal: scope.signal }),
          scope,
          clock,
        )
        // Some gateways answer 200 and put the error into the body.
        if (isRecord(body) && body['error']) throw new sdk.APIError(undefined, body['error'], undefined, undefined)
        return body
      }),
    async stream(params, scope) {
      const streamed = { stream_options: { include_usage: true }, ...params, stream: true as const }
      const chunks = await scope.wait(() =>
        heard(client.chat.completions.create(streamed, { signal: scope.signal }), scope, clock),
      )
      return chunks[Symbol.asyncIterator]()
    },
    close() {
      for (const scope of scopes) scope.stop(new AiosError('AIOS_CLOSED', `The core "${core}" was closed.`))
    },
  }
}
