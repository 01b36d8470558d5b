import { AiosError, type AiosErrorOptions, type BuiltinErrorCode } from '@aios/kernel'
import type { RateSignal } from '@aios/kernel/driver'
import type { APIError } from 'openai'
import type { Secrets } from './secrets.js'
import { rateHeaders } from './rate-headers.js'
import { retryAfterMs } from './retry-after.js'
import type { OpenAiSdk } from './sdk.js'

/** Says how to translate the errors of one core. */
export interface ErrorTranslation {
  readonly sdk: Pick<OpenAiSdk, 'APIError' | 'APIConnectionError' | 'APIConnectionTimeoutError'>
  /** Id of the core, for the message. */
  readonly core: string
  readonly secrets: Secrets
  now(): number
}

const BY_STATUS: Readonly<Record<number, BuiltinErrorCode>> = {
  401: 'AIOS_LLM_AUTH',
  402: 'AIOS_LLM_RATE_LIMIT',
  403: 'AIOS_LLM_PERMISSION',
  404: 'AIOS_LLM_NOT_FOUND',
  408: 'AIOS_LLM_TIMEOUT',
  413: 'AIOS_LLM_CONTEXT_OVERFLOW',
  429: 'AIOS_LLM_RATE_LIMIT',
  503: 'AIOS_LLM_OVERLOADED',
  529: 'AIOS_LLM_OVERLOADED',
}

/** Reads the machine-readable `code` and `type` of an error body; its words are never looked at. */
const BY_NAME: Readonly<Record<string, BuiltinErrorCode>> = {
  context_length_exceeded: 'AIOS_LLM_CONTEXT_OVERFLOW',
  exceed_context_size_error: 'AIOS_LLM_CONTEXT_OVERFLOW',
  content_filter: 'AIOS_LLM_CONTENT_FILTER',
  content_policy_violation: 'AIOS_LLM_CONTENT_FILTER',
  insufficient_quota: 'AIOS_LLM_RATE_LIMIT',
  rate_limit_exceeded: 'AIOS_LLM_RATE_LIMIT',
  rate_limit_error: 'AIOS_LLM_RATE_LIMIT',
  invalid_api_key: 'AIOS_LLM_AUTH',
  authentication_error: 'AIOS_LLM_AUTH',
  permission_error: 'AIOS_LLM_PERMISSION',
  model_not_found: 'AIOS_LLM_NOT_FOUND',
  not_found_error: 'AIOS_LLM_NOT_FOUND',
  invalid_request_error: 'AIOS_LLM_BAD_REQUEST',
  overloaded_error: 'AIOS_LLM_OVERLOADED',
}

const ADVICE: Partial<Readonly<Record<BuiltinErrorCode, string>>> = {
  AIOS_LLM_AUTH: 'Check the key: the option apiKey, or OPENAI_API_KEY.',
  AIOS_LLM_PERMISSION: 'Ask the provider to let this key use the model.',
  AIOS_LLM_NOT_FOUND: 'Check the model name and baseURL.',
  AIOS_LLM_BAD_REQUEST: 'Change the request.',
  AIOS_LLM_CONTEXT_OVERFLOW: 'Shorten the conversation.',
  AIOS_LLM_CONTENT_FILTER: 'Change the content.',
  AIOS_LLM_NETWORK: 'Check baseURL and the connection, then try again.',
}

/** Codes of a body that say more than the status it came with. */
const REFINES: ReadonlySet<BuiltinErrorCode> = new Set(['AIOS_LLM_CONTEXT_OVERFLOW', 'AIOS_LLM_CONTENT_FILTER'])
const EXHAUSTED = 'insufficient_quota'

interface Fields {
  readonly status: number | undefined
  readonly code: unknown
  readonly type: unknown
}

function byName({ code, type }: Fields): BuiltinErrorCode | undefined {
  const name = [code, type].find((field) => typeof field === 'string' && Object.hasOwn(BY_NAME, field))
  return name === undefined ? undefined : BY_NAME[name as string]
}

function byStatus(status: number): BuiltinErrorCode {
  return BY_STATUS[status] ?? (status >= 500 ? 'AIOS_LLM_SERVER' : 'AIOS_LLM_BAD_REQUEST')
}

/** An error inside a stream has no status of its own; some gateways put the one they got into `code`. */
function statusOf({ status, code }: Fields): number | undefined {
  return status ?? (typeof code === 'number' && code >= 400 && code < 600 ? code : undefined)
}

function codeOfAnswer(fields: Fields): BuiltinErrorCode {
  const named = byName(fields)
  const status = statusOf(fields)
  if (status === undefined) return named ?? 'AIOS_LLM_SERVER'
  return named !== undefined && REFINES.has(named) && status < 500 ? named : byStatus(status)
}

function isTimeout(error: unknown): boolean {
  const code = error instanceof Error ? (error.cause as { code?: unknown } | undefined)?.code : undefined
  return typeof code === 'string' && code.startsWith('UND_ERR_') && code.endsWith('_TIMEOUT')
}

function codeOf(error: unknown, { APIError, APIConnectionError, APIConnectionTimeoutError }: ErrorTranslation['sdk']) {
  if (error instanceof APIConnectionTimeoutError || isTimeout(error)) return 'AIOS_LLM_TIMEOUT'
  if (error instanceof APIConnectionError) return 'AIOS_LLM_NETWORK'
  if (error instanceof APIError) return codeOfAnswer(error)
  // A frame or body that is no JSON; whatever else is thrown while reading comes from the connection.
  return error instanceof SyntaxError ? 'AIOS_LLM_SERVER' : 'AIOS_LLM_NETWORK'
}

/** The SDK leaves the fields of its error class open; these are the ones it declares. */
function isAnswer(
  error: unknown,
  { APIError }: Pick<OpenAiSdk, 'APIError'>,
): error is APIError<number | undefined, Headers | undefined, object | undefined> {
  return error instanceof APIError
}

function detailsOf(error: APIError, secrets: Secrets): Readonly<Record<string, unknown>> {
  const { status, code, type, param, requestID } = error
  const plain = Object.entries({ status, code, type, param, requestId: requestID }).flatMap(([name, value]) => {
    const field: unknown = value
    if (typeof field === 'string') return [[name, secrets.redact(field)]]
    return typeof field === 'number' ? [[name, field]] : []
  })
  return { provider: 'openai', ...(Object.fromEntries(plain) as Record<string, unknown>) }
}

/** Tells whether the money is gone, which no waiting brings back. */
function isExhausted({ status, code, type }: APIError): boolean {
  return status === 402 || code === EXHAUSTED || type === EXHAUSTED
}

function optionsOf(error: unknown, translation: ErrorTranslation): AiosErrorOptions {
  const cause = translation.secrets.withoutSecrets(error)
  if (!isAnswer(error, translation.sdk)) return { cause }
  const waitMs = retryAfterMs(error.headers, translation.now())
  const isFinal = isExhausted(error)
  return {
    cause,
    details: detailsOf(error, translation.secrets),
    ...(isFinal ? { retryable: false } : {}),
    ...(waitMs === undefined || isFinal ? {} : { retryAfterMs: waitMs }),
  }
}

const MAX_MESSAGE_CHARS = 500

/** Translates what the SDK throws, by class, status and error code only. */
export function providerError(error: unknown, translation: ErrorTranslation): AiosError {
  if (AiosError.is(error)) return error
  const code = codeOf(error, translation.sdk)
  const said = translation.secrets.redact(error instanceof Error ? error.message : String(error))
  const got = said.length > MAX_MESSAGE_CHARS ? `${said.slice(0, MAX_MESSAGE_CHARS)}…` : said
  const advice = ADVICE[code] ?? 'Try again later.'
  const message = `Expected an answer for core "${translation.core}", got: ${got}. ${advice}`
  return new AiosError(code, message, optionsOf(error, translation))
}

const REFUSALS: ReadonlySet<string> = new Set<BuiltinErrorCode>(['AIOS_LLM_RATE_LIMIT', 'AIOS_LLM_OVERLOADED'])

/**
 * Reads what an error says about the provider's limits. An exhausted quota says nothing about them: no pace is slow enough.
 *
 * @param error - what the SDK threw
 * @param failed - what {@link providerError} made of it
 * @returns undefined if it says nothing
 */
export function errorSignal(error: unknown, failed: AiosError, { sdk, now }: ErrorTranslation): RateSignal | undefined {
  if (!isAnswer(error, sdk) || isExhausted(error)) return undefined
  // The headers of an answer that broke off later were observed when they came.
  const said = error.status === undefined ? undefined : rateHeaders(error.headers, now())
  if (REFUSALS.has(failed.code)) return { kind: 'overload', ...said }
  return said === undefined ? undefined : { kind: 'headers', ...said }
}
