import { AiosError, type CorePrice } from '@aios/kernel'
import { checkOptions, option, type CoreLimits, type OptionField } from '@aios/kernel/driver'
import { isRecord } from './record.js'

/** Milliseconds of silence after which a call ends, where no option says otherwise. */
export const DEFAULT_TIMEOUT_MS = 600_000

/** Is what `openai()` takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface OpenAiOptions {
  /** Id of the core in the kernel. Default: the model's name. */
  readonly id?: string | undefined
  /**
   * Default: the environment's `OPENAI_API_KEY`, read when the kernel opens the core. Only api.openai.com insists on
   * one; another server gets no `Authorization` header where there is no key.
   */
  readonly apiKey?: string | undefined
  /** Root of the API such as `http://localhost:11434/v1`. Default: `OPENAI_BASE_URL`, else `https://api.openai.com/v1`. */
  readonly baseURL?: string | undefined
  /**
   * Most calls at once, and what the provider allows in a minute or a day. Without such rates the kernel only reacts to
   * refusals. The kernel checks them when it gets the core.
   */
  readonly limits?: CoreLimits | undefined
  readonly price?: CorePrice | undefined
  /** Size of the context window in tokens. */
  readonly contextWindow?: number | undefined
  /** Most tokens the model can answer; it describes the core and is not sent. */
  readonly maxOutputTokens?: number | undefined
  /**
   * Says that the server continues a last message of role `assistant`, so that the kernel may cut an answer and go on with
   * it later. vLLM, SGLang and others do, and are asked to by `continue_final_message`, and to count their tokens by
   * `continuous_usage_stats`; OpenAI's own models do not.
   * Default `none`.
   */
  readonly resume?: 'prefix' | 'none' | undefined
  /**
   * Milliseconds the provider may stay silent: until the whole answer, or until the next piece of a streamed one.
   * Default 600,000. Node's own `fetch` already gives up after 300,000; pass another `fetch` to wait longer.
   */
  readonly timeoutMs?: number | undefined
  /** Headers sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Replaces the global `fetch`: for proxies, recorders and tests. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

// What `fetch` accepts in a header: it prints the whole value, and with it the key, when it rejects one.
const HEADER_VALUE = /^[\t\x20-\x7e]*$/
const API_KEY = /^[\x21-\x7e]+$/

const areHeaders = (value: unknown): boolean =>
  isRecord(value) && Object.values(value).every((text) => typeof text === 'string' && HEADER_VALUE.test(text))

const { optional } = option
const FIELDS: Readonly<Record<keyof OpenAiOptions, OptionField>> = {
  id: optional(option.name),
  apiKey: optional(
    option.secret(
      'a key of printable characters without spaces',
      (value) => typeof value === 'string' && API_KEY.test(value),
    ),
  ),
  baseURL: optional(option.secret('an http or https URL without user and password', isBaseUrl)),
  limits: optional(option.record),
  price: optional(option.object({ inputUsdPerMTok: option.number(0), outputUsdPerMTok: option.number(0) })),
  contextWindow: optional(option.integer(1)),
  maxOutputTokens: optional(option.integer(1)),
  resume: optional(option.oneOf('prefix', 'none')),
  timeoutMs: optional(
    option.custom(
      'a number of milliseconds above 0',
      (value) => value !== 0 && option.number(0)(value, '') === undefined,
    ),
  ),
  headers: optional(option.secret('an object of strings without line breaks', areHeaders)),
  fetch: optional(option.function),
}
const OPTIONS = option.object(FIELDS)
const MODEL = option.custom('the name of a model', (value) => option.name(value, '') === undefined)

function isBaseUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const url = new URL(value)
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}

/**
 * Checks the arguments of `openai()`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkOpenAiOptions(model: unknown, options: unknown): void {
  checkOptions('openai()', model, MODEL)
  checkOptions('openai()', options, OPTIONS)
}

/** Says where to send requests and how to prove who sends them. */
export interface Endpoint {
  readonly baseURL: string
  /** Host and port: names the provider that opaque state belongs to. */
  readonly host: string
  readonly apiKey: string | undefined
}

const OPENAI_URL = 'https://api.openai.com/v1'

/** Tells whether a host is OpenAI's own, Azure's included; they take newer parameters than the servers that copy them. */
export function isOpenAiHost(host: string): boolean {
  return host === 'openai.com' || host.endsWith('.openai.com') || host.endsWith('.openai.azure.com')
}

/**
 * Completes the options from the environment.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` if the environment holds something unusable, or OpenAI's key is missing
 */
export function resolveEndpoint(options: OpenAiOptions, env: NodeJS.ProcessEnv): Endpoint {
  const baseURL = options.baseURL ?? (env['OPENAI_BASE_URL'] || OPENAI_URL)
  const apiKey = options.apiKey ?? (env['OPENAI_API_KEY']?.trim() || undefined)
  checkOptions('openai() from the environment', { baseURL, apiKey }, OPTIONS)
  const { host } = new URL(baseURL)
  if (apiKey === undefined && isOpenAiHost(host) && options.headers === undefined) {
    const ways = 'set OPENAI_API_KEY, pass apiKey, or pass the baseURL of a server that needs none'
    throw new AiosError('AIOS_INVALID_OPTION', `Expected an API key for openai(), got none: ${ways}.`)
  }
  return { baseURL, host, apiKey }
}
