import type { AiosError, Clock } from '@aios/kernel'
import { describeValue, systemClock } from '@aios/kernel/driver'
import { CallScope } from '../../core/call-scope.js'
import { DEFAULT_TIMEOUT_MS } from '../../core/core-options.js'
import { resolveEndpoints } from '../../core/endpoint.js'
import type { Protocol, WireRequest } from '../../core/protocol.js'
import { providerError } from '../../core/provider-error.js'
import { secretsOf } from '../../core/secrets.js'
import { OPENAI_DIALECT } from '../chat-dialect.js'
import { loadChat } from '../chat-protocol.js'
import { sdkClient, type SdkClient } from '../openai-client.js'
import { OPENAI_DEFAULTS } from '../openai-options.js'
import { loadResponses } from '../responses/responses-protocol.js'
import { loadSdk, type OpenAiSdk } from '../sdk.js'
import type { LineFormat } from './batch-line.js'
import type { OpenAiBatchOptions } from './batch-options.js'

const PATHS = { chat: '/v1/chat/completions', responses: '/v1/responses' } as const

/** Is the way to the provider of a batch. */
export interface BatchConnection {
  readonly sdk: OpenAiSdk
  readonly client: SdkClient
  readonly format: LineFormat
  /** Does something that ends with the caller's signal, or when the provider is silent for too long. */
  within<T>(signal: AbortSignal | undefined, work: (scope: BatchScope) => Promise<T>): Promise<T>
  /** Begins something that ends by `close()`. */
  begin(signal: AbortSignal | undefined): BatchScope & { close(): void }
}

/** Is one thing under way. */
export interface BatchScope {
  readonly signal: AbortSignal
  /** Waits for the provider; its errors come out translated. */
  wait<T>(work: () => PromiseLike<T>): Promise<T>
}

function protocolOf({ api = 'chat', ...options }: OpenAiBatchOptions): Promise<Protocol<WireRequest>> {
  // What a protocol writes is read by the same protocol only.
  return api === 'chat' ? loadChat(options, OPENAI_DIALECT) : loadResponses(options)
}

/**
 * Reads the environment and loads the SDK. Nothing is sent.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` or `AIOS_MISSING_PEER`
 */
export async function connectBatch(model: string, options: OpenAiBatchOptions): Promise<BatchConnection> {
  const { clock = systemClock, timeoutMs = DEFAULT_TIMEOUT_MS, api = 'chat', ...core } = options
  const call = 'openaiBatch()'
  const endpoint = resolveEndpoints(core, { ...OPENAI_DEFAULTS, call }, process.env)[0]!
  const [sdk, protocol] = await Promise.all([loadSdk(), protocolOf({ ...core, api })])
  const secrets = secretsOf([endpoint.apiKey], core.headers ?? {})
  const keyAdvice = 'the option apiKey, or OPENAI_API_KEY'
  const translate = (error: unknown): AiosError => {
    const fault = protocol.fault(error, clock.now())
    return providerError(error, fault, { provider: protocol.provider, core: model, keyAdvice, secrets })
  }
  const refusal = (status: number | undefined, error: unknown): AiosError => {
    const told = typeof error === 'object' && error !== null ? error : { message: describeValue(error) }
    return translate(new sdk.APIError(status, told, undefined, undefined))
  }
  const begin = (signal: AbortSignal | undefined): BatchScope & { close(): void } =>
    scopeOf({ signal, clock, timeoutMs, translate })
  return {
    sdk,
    client: sdkClient(sdk, endpoint, core),
    format: { model, host: endpoint.host, url: PATHS[api], protocol, refusal },
    begin,
    async within(signal, work) {
      const scope = begin(signal)
      try {
        return await work(scope)
      } finally {
        scope.close()
      }
    },
  }
}

function scopeOf(bounds: {
  readonly signal: AbortSignal | undefined
  readonly clock: Clock
  readonly timeoutMs: number
  translate(error: unknown): AiosError
}): BatchScope & { close(): void } {
  const { signal: caller = new AbortController().signal, clock, timeoutMs: silenceMs, translate } = bounds
  const scope = new CallScope({ caller, clock, silenceMs, onClose: () => undefined })
  return {
    signal: scope.signal,
    wait: (work) => scope.wait(work, translate),
    close: () => {
      scope.close()
    },
  }
}
