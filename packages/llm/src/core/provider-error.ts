import type { BuiltinErrorCode } from '@aios/kernel'
import { AiosError, type AiosErrorOptions, type RateSignal } from '@aios/kernel/driver'
import type { Secrets } from './secrets.js'

/**
 * Is what a vendor's SDK threw, told apart by class and by the fields that are meant for machines, never by its words: the
 * provider's answer, an answer that cannot be read, silence, or a connection that is not there.
 */
export type Fault = ProviderRefusal | { readonly kind: 'garbled' | 'timeout' | 'network' }

/** Is an error that the provider itself answered with. */
export interface ProviderRefusal {
  readonly kind: 'refusal'
  /** HTTP status; undefined for an error inside of a stream. */
  readonly status: number | undefined
  /** What the provider calls it, such as `rate_limit_error`; the first that is known counts. */
  readonly names: readonly unknown[]
  /** What it says about its limits. */
  readonly said?: Omit<RateSignal, 'kind'> | undefined
  /** Whether the money is gone, which no waiting brings back. */
  readonly isExhausted?: boolean | undefined
  /** What else it names, such as the id of the request. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/** Says how to translate the errors of one core. */
export interface ErrorTranslation {
  /** Names the provider in `details`. */
  readonly provider: string
  /** Id of the core, for the message. */
  readonly core: string
  /** How a key gets to the core, for the advice, such as `the option apiKey, or OPENAI_API_KEY`. */
  readonly keyAdvice: string
  readonly secrets: Secrets
  /** Index of the endpoint, where there are several. */
  readonly endpoint?: number | undefined
}

const BY_STATUS: Readonly<Record<number, BuiltinErrorCode>> = {
  401: 'AIOS_LLM_AUTH',
  402: 'AIOS_LLM_RATE_LIMIT',
  403: 'AIOS_LLM_PERMISSION',
  404: 'AIOS_LLM_NOT_FOUND',
  408: 'AIOS_LLM_TIMEOUT',
  413: 'AIOS_LLM_CONTEXT_OVERFLOW',
  429: 'AIOS_LLM_RATE_LIMIT',
  // Groq: no room on the flex tier.
  498: 'AIOS_LLM_OVERLOADED',
  503: 'AIOS_LLM_OVERLOADED',
  529: 'AIOS_LLM_OVERLOADED',
}

/** Knows the machine-readable names of errors, of all vendors. */
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
  billing_error: 'AIOS_LLM_RATE_LIMIT',
  timeout_error: 'AIOS_LLM_TIMEOUT',
  request_too_large: 'AIOS_LLM_CONTEXT_OVERFLOW',
  server_error: 'AIOS_LLM_SERVER',
  server_is_overloaded: 'AIOS_LLM_OVERLOADED',
  slow_down: 'AIOS_LLM_OVERLOADED',
  invalid_prompt: 'AIOS_LLM_BAD_REQUEST',
  bio_policy: 'AIOS_LLM_CONTENT_FILTER',
  image_content_policy_violation: 'AIOS_LLM_CONTENT_FILTER',
  invalid_image: 'AIOS_LLM_BAD_REQUEST',
  invalid_image_format: 'AIOS_LLM_BAD_REQUEST',
  invalid_base64_image: 'AIOS_LLM_BAD_REQUEST',
  invalid_image_url: 'AIOS_LLM_BAD_REQUEST',
  image_too_large: 'AIOS_LLM_BAD_REQUEST',
  image_too_small: 'AIOS_LLM_BAD_REQUEST',
  image_parse_error: 'AIOS_LLM_BAD_REQUEST',
  invalid_image_mode: 'AIOS_LLM_BAD_REQUEST',
  image_file_too_large: 'AIOS_LLM_BAD_REQUEST',
  unsupported_image_media_type: 'AIOS_LLM_BAD_REQUEST',
  empty_image_file: 'AIOS_LLM_BAD_REQUEST',
  failed_to_download_image: 'AIOS_LLM_BAD_REQUEST',
  image_file_not_found: 'AIOS_LLM_BAD_REQUEST',
  batch_expired: 'AIOS_LLM_TIMEOUT',
  batch_cancelled: 'AIOS_CLOSED',
  API_KEY_INVALID: 'AIOS_LLM_AUTH',
  UNAUTHENTICATED: 'AIOS_LLM_AUTH',
  PERMISSION_DENIED: 'AIOS_LLM_PERMISSION',
  NOT_FOUND: 'AIOS_LLM_NOT_FOUND',
  INVALID_ARGUMENT: 'AIOS_LLM_BAD_REQUEST',
  FAILED_PRECONDITION: 'AIOS_LLM_BAD_REQUEST',
  RESOURCE_EXHAUSTED: 'AIOS_LLM_RATE_LIMIT',
  UNAVAILABLE: 'AIOS_LLM_OVERLOADED',
  DEADLINE_EXCEEDED: 'AIOS_LLM_TIMEOUT',
  AI_LoadAPIKeyError: 'AIOS_LLM_AUTH',
  AI_NoSuchModelError: 'AIOS_LLM_NOT_FOUND',
  AI_InvalidArgumentError: 'AIOS_LLM_BAD_REQUEST',
  AI_InvalidPromptError: 'AIOS_LLM_BAD_REQUEST',
  AI_TooManyEmbeddingValuesForCallError: 'AIOS_LLM_BAD_REQUEST',
  AI_UnsupportedFunctionalityError: 'AIOS_UNSUPPORTED',
}

const ADVICE: Partial<Readonly<Record<BuiltinErrorCode, string>>> = {
  AIOS_LLM_PERMISSION: 'Ask the provider to let this key use the model.',
  AIOS_LLM_NOT_FOUND: 'Check the model name and baseURL.',
  AIOS_LLM_BAD_REQUEST: 'Change the request.',
  AIOS_LLM_CONTEXT_OVERFLOW: 'Shorten the conversation.',
  AIOS_LLM_CONTENT_FILTER: 'Change the content.',
  AIOS_LLM_NETWORK: 'Check baseURL and the connection, then try again.',
}

const EXHAUSTED_ADVICE = 'No quota is left: add credit, or raise it at the provider.'

/** Codes of a body that say more than the status it came with: Google answers 400 to a wrong key. */
const REFINES: ReadonlySet<BuiltinErrorCode> = new Set([
  'AIOS_LLM_CONTEXT_OVERFLOW',
  'AIOS_LLM_CONTENT_FILTER',
  'AIOS_LLM_AUTH',
])

function codeOfName(names: readonly unknown[]): BuiltinErrorCode | undefined {
  const name = names.find((each) => typeof each === 'string' && Object.hasOwn(BY_NAME, each))
  return name === undefined ? undefined : BY_NAME[name as string]
}

function codeOfStatus(status: number): BuiltinErrorCode {
  return BY_STATUS[status] ?? (status >= 500 ? 'AIOS_LLM_SERVER' : 'AIOS_LLM_BAD_REQUEST')
}

/** An error inside a stream has no status of its own; some gateways put the one they got among the names. */
function statusOf({ status, names }: ProviderRefusal): number | undefined {
  return status ?? (names.find((each) => typeof each === 'number' && each >= 400 && each < 600) as number | undefined)
}

function codeOfRefusal(refusal: ProviderRefusal): BuiltinErrorCode {
  const named = codeOfName(refusal.names)
  const status = statusOf(refusal)
  if (status === undefined) return named ?? 'AIOS_LLM_SERVER'
  return named !== undefined && REFINES.has(named) && status < 500 ? named : codeOfStatus(status)
}

const CODES = { garbled: 'AIOS_LLM_SERVER', timeout: 'AIOS_LLM_TIMEOUT', network: 'AIOS_LLM_NETWORK' } as const

/** Tells whether `fetch` gave up waiting, by the code of its cause. */
export function isFetchTimeout(error: unknown): boolean {
  const code = error instanceof Error ? (error.cause as { code?: unknown } | undefined)?.code : undefined
  return typeof code === 'string' && code.startsWith('UND_ERR_') && code.endsWith('_TIMEOUT')
}

/** Returns the fault of what no SDK has a class for. What is no JSON is the server's; anything else comes from the connection. */
export function looseFault(error: unknown): Fault {
  if (isFetchTimeout(error)) return { kind: 'timeout' }
  return { kind: error instanceof SyntaxError ? 'garbled' : 'network' }
}

function plain(details: Readonly<Record<string, unknown>>, secrets: Secrets): Record<string, unknown> {
  const entries = Object.entries(details).flatMap(([name, value]) => {
    if (typeof value === 'string') return [[name, secrets.redact(value)]]
    return typeof value === 'number' ? [[name, value]] : []
  })
  return Object.fromEntries(entries) as Record<string, unknown>
}

function optionsOf(error: unknown, fault: Fault, translation: ErrorTranslation): AiosErrorOptions {
  const { provider, secrets, endpoint } = translation
  const cause = secrets.withoutSecrets(error)
  const where = endpoint === undefined ? {} : { endpoint }
  if (fault.kind !== 'refusal') return { cause, ...(endpoint === undefined ? {} : { details: { provider, ...where } }) }
  const { status, details = {}, said, isExhausted = false } = fault
  const waitMs = said?.retryAfterMs
  return {
    cause,
    details: { provider, ...where, ...plain({ status, ...details }, secrets) },
    ...(isExhausted ? { retryable: false } : {}),
    ...(waitMs === undefined || isExhausted ? {} : { retryAfterMs: waitMs }),
  }
}

const MAX_MESSAGE_CHARS = 500

const MOST_CAUSES = 8

/** Finds the error of a test that forbids the network: SDKs wrap it like any other failure to connect, and it is no passing one. */
function forbiddenNetwork(error: unknown): AiosError | undefined {
  let at = error
  for (let depth = 0; depth < MOST_CAUSES && at instanceof Error; depth += 1) {
    if (AiosError.is(at, 'AIOS_NETWORK_FORBIDDEN')) return at
    at = at.cause
  }
  return undefined
}

function adviceFor(code: BuiltinErrorCode, fault: Fault, keyAdvice: string): string {
  if (code === 'AIOS_LLM_AUTH') return `Check the key: ${keyAdvice}.`
  if (fault.kind === 'refusal' && fault.isExhausted === true) return EXHAUSTED_ADVICE
  return ADVICE[code] ?? 'Try again later.'
}

/** Translates what an SDK threw. An error of this library passes as it is. */
export function providerError(error: unknown, fault: Fault, translation: ErrorTranslation): AiosError {
  if (AiosError.is(error)) return error
  const forbidden = forbiddenNetwork(error)
  if (forbidden !== undefined) return forbidden
  const { secrets, core, keyAdvice } = translation
  const code = fault.kind === 'refusal' ? codeOfRefusal(fault) : CODES[fault.kind]
  const said = secrets.redact(error instanceof Error ? error.message : String(error))
  const got = said.length > MAX_MESSAGE_CHARS ? `${said.slice(0, MAX_MESSAGE_CHARS)}…` : said
  const message = `Expected an answer for core "${core}", got: ${got}. ${adviceFor(code, fault, keyAdvice)}`
  return new AiosError(code, message, optionsOf(error, fault, translation))
}

const REFUSALS: ReadonlySet<string> = new Set<BuiltinErrorCode>(['AIOS_LLM_RATE_LIMIT', 'AIOS_LLM_OVERLOADED'])

/**
 * Reads what an error says about the provider's limits. An exhausted quota says nothing about them: no pace is slow enough.
 *
 * @param failed - what {@link providerError} made of it
 * @returns undefined if it says nothing
 */
export function errorSignal(fault: Fault, failed: AiosError): RateSignal | undefined {
  if (fault.kind !== 'refusal' || fault.isExhausted === true) return undefined
  // The headers of an answer that broke off later were observed when they came.
  const said = fault.status === undefined ? undefined : fault.said
  if (REFUSALS.has(failed.code)) return { kind: 'overload', ...said }
  return said === undefined ? undefined : { kind: 'headers', ...said }
}
