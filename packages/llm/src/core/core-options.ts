import {
  AiosError,
  checkOptions,
  type CoreCapabilities,
  type CoreLimits,
  type CorePrice,
  option,
  type OptionField,
  type RateLimits,
} from '@aios/kernel/driver'
import { isRecord } from './record.js'

/** Milliseconds of silence after which a call ends, where no option says otherwise. */
export const DEFAULT_TIMEOUT_MS = 600_000

/** Bounds what goes to one endpoint; like `CoreLimits`, without what is the core's own. */
export interface EndpointLimits extends Omit<RateLimits, 'usdPerDay'> {
  /** Most calls on it at once. Default: no bound but that of the core. */
  readonly concurrency?: number | undefined
}

/** Is one of several places, or keys, by which a core reaches its provider. Unknown keys are rejected. */
export interface CoreEndpoint {
  /** Root of the API. Default: the core's own `baseURL`. */
  readonly baseURL?: string | undefined
  /** Default: the core's own `apiKey`. */
  readonly apiKey?: string | undefined
  /** Share of the calls that go here while all are free, beside the others; above 0. Default 1. */
  readonly weight?: number | undefined
  /** What this endpoint bears by itself. Default: no bound but that of the core. */
  readonly limits?: EndpointLimits | undefined
}

/** Is what every core of a vendor takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface CoreOptions {
  /** Id of the core in the kernel. Default: the model's name. */
  readonly id?: string | undefined
  /** Default: the vendor's environment variable, read when the kernel opens the core. */
  readonly apiKey?: string | undefined
  /** Several keys for one place, as if each were an endpoint of its own. Not together with `apiKey` or `endpoints`. */
  readonly apiKeys?: readonly string[] | undefined
  /** Root of the API. Default: the vendor's environment variable, else the vendor's own. */
  readonly baseURL?: string | undefined
  /**
   * Several places that serve the same model. A call goes to the one that is least busy for its weight; one that answers
   * 401 or 429 is passed over for a while, and the call goes to another that is free at once, as part of the same attempt. If none is
   * after a 429, the attempt fails, and `retryAfterMs` says when the first of all can be asked again.
   * In errors each is named by its index only.
   */
  readonly endpoints?: readonly CoreEndpoint[] | undefined
  /**
   * Most calls at once, and what the provider allows in a minute or a day. Without such rates the kernel only reacts to
   * refusals. The kernel checks them when it gets the core.
   */
  readonly limits?: CoreLimits | undefined
  readonly price?: CorePrice | undefined
  /** What the model can do, where that is known; routers leave it out of what it cannot. */
  readonly capabilities?: CoreCapabilities | undefined
  /** Size of the context window in tokens. */
  readonly contextWindow?: number | undefined
  /** Most tokens the model can answer. */
  readonly maxOutputTokens?: number | undefined
  /**
   * Milliseconds the provider may stay silent: until the whole answer, or until the next piece of a streamed one.
   * Waiting for a place on one of several endpoints does not count. Default 600,000. Node's own `fetch` already gives up after 300,000; pass another `fetch` to wait longer.
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
const key = option.secret(
  'a key of printable characters without spaces',
  (value) => typeof value === 'string' && API_KEY.test(value),
)
/** Checks the root of an API. */
export const API_URL: OptionField = option.secret(
  'an http or https URL without user, password, query or fragment',
  isBaseUrl,
)
const above0 = (what: string): OptionField =>
  option.custom(what, (value) => value !== 0 && option.number(0)(value, '') === undefined)

const ENDPOINT = option.object({
  baseURL: optional(API_URL),
  apiKey: optional(key),
  weight: optional(above0('a number above 0')),
  limits: optional(
    option.object({
      rpm: optional(above0('a number above 0')),
      tpm: optional(above0('a number above 0')),
      tokensPerDay: optional(above0('a number above 0')),
      burst: optional(
        option.custom(
          'a number above 0 and at most 1',
          (value) => value !== 0 && option.number(0, 1)(value, '') === undefined,
        ),
      ),
      concurrency: optional(option.integer(1)),
    }),
  ),
})
const isFilledList = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isItem)
// Whatever stands where an endpoint should may be a key: it is not printed.
const endpoints = option.secret('a list of objects, at least one', (value) => isFilledList(value, isRecord))
const keys = option.secret('a list of keys, at least one', (value) => isFilledList(value, () => true))

const able = optional(option.boolean)

/** Holds the checks of {@link CoreOptions}, for the options of a core that has more of its own. */
export const CORE_FIELDS: Readonly<Record<keyof CoreOptions, OptionField>> = {
  id: optional(option.name),
  apiKey: optional(key),
  apiKeys: optional((value, path) => keys(value, path) ?? option.array(key)(value, path)),
  baseURL: optional(API_URL),
  endpoints: optional((value, path) => endpoints(value, path) ?? option.array(ENDPOINT)(value, path)),
  limits: optional(option.record),
  price: optional(option.object({ inputUsdPerMTok: option.number(0), outputUsdPerMTok: option.number(0) })),
  capabilities: optional(option.object({ tools: able, images: able, files: able, schema: able })),
  contextWindow: optional(option.integer(1)),
  maxOutputTokens: optional(option.integer(1)),
  timeoutMs: optional(above0('a number of milliseconds above 0')),
  headers: optional(option.secret('an object of strings without line breaks', areHeaders)),
  fetch: optional(option.function),
}
const MODEL = option.custom('the name of a model', (value) => option.name(value, '') === undefined)

function isBaseUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  // The packages append a path: behind a query it would be part of that.
  return /^https?:$/.test(protocol) && username === '' && password === '' && !/[?#]/.test(value)
}

/**
 * Checks the arguments of a function that makes a core.
 *
 * @param call - the function, for messages, such as `openai()`
 * @param more - checks of the options that only this core has
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkCoreOptions(
  call: string,
  { model, options }: { readonly model: unknown; readonly options: unknown },
  more: Readonly<Record<string, OptionField>> = {},
): void {
  checkOptions(call, model, MODEL)
  checkOptions(call, options, option.object({ ...CORE_FIELDS, ...more }))
  const { apiKey, apiKeys, endpoints } = options as CoreOptions
  if ([apiKey, endpoints].some((other) => other !== undefined) && apiKeys !== undefined)
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected "apiKeys" of ${call} to stand alone, got "apiKey" or "endpoints" beside it. Give each endpoint its own apiKey.`,
    )
}
