import { AiosError, checkOptions, option, type RateLimits } from '@aios/kernel/driver'
import { CORE_FIELDS, type CoreEndpoint, type CoreOptions } from './core-options.js'

/** Says where to send requests and how to prove who sends them. */
export interface Endpoint {
  readonly baseURL: string
  /** Host and port: names the provider that opaque state belongs to. */
  readonly host: string
  readonly apiKey: string | undefined
  readonly weight: number
  readonly concurrency: number
  readonly limits: RateLimits
}

/** Says what a vendor takes for granted, or finds in the environment. */
export interface EndpointDefaults {
  /** The function that makes the core, for messages, such as `openai()`. */
  readonly call: string
  readonly url: string
  /** Names the environment's variable of the root of the API. */
  readonly urlVariable?: string | undefined
  /** Makes the root of the API of what its variable says, where that is no URL. Default: as it is. */
  readonly urlOf?: ((said: string) => string) | undefined
  /** Name the environment's variables of the key; the first that is set counts. */
  readonly keyVariables: readonly string[]
  /** How a key gets to the core, for the advice where one was refused. Default: the option, or the variables. */
  readonly keyAdvice?: string | undefined
  /** Tells whether the environment's key is meant for a host. Default: for any. */
  readonly isKeyFor?: ((host: string) => boolean) | undefined
  /** Tells whether a host wants a key. */
  needsKey(host: string): boolean
}

const ENVIRONMENT = option.object({ baseURL: CORE_FIELDS.baseURL, apiKey: CORE_FIELDS.apiKey })

function fromEnvironment(defaults: EndpointDefaults, env: NodeJS.ProcessEnv): Pick<CoreOptions, 'apiKey' | 'baseURL'> {
  const apiKey = defaults.keyVariables.map((name) => env[name]?.trim()).find((value) => value)
  const said = (defaults.urlVariable === undefined ? undefined : env[defaults.urlVariable]) || undefined
  const baseURL = said === undefined ? undefined : (defaults.urlOf?.(said) ?? said)
  checkOptions(`${defaults.call} from the environment`, { baseURL, apiKey }, ENVIRONMENT)
  return { apiKey, baseURL }
}

/**
 * Completes the options from the environment.
 *
 * @returns one endpoint at least
 * @throws AiosError `AIOS_INVALID_OPTION` if the environment holds something unusable, or a key is missing
 */
export function resolveEndpoints(
  options: CoreOptions,
  defaults: EndpointDefaults,
  env: NodeJS.ProcessEnv,
): readonly Endpoint[] {
  const environment = fromEnvironment(defaults, env)
  const given: readonly CoreEndpoint[] = options.endpoints ?? options.apiKeys?.map((apiKey) => ({ apiKey })) ?? [{}]
  return given.map((own) => {
    const { weight = 1, limits = {} } = own
    const baseURL = own.baseURL ?? options.baseURL ?? environment.baseURL ?? defaults.url
    const { host } = new URL(baseURL)
    const isMeant = defaults.isKeyFor?.(host) ?? true
    const apiKey = own.apiKey ?? options.apiKey ?? (isMeant ? environment.apiKey : undefined)
    if (apiKey === undefined && options.headers === undefined && defaults.needsKey(host)) {
      const ways = `set ${defaults.keyVariables.join(' or ')}, pass apiKey, or pass the baseURL of a server that needs none`
      throw new AiosError('AIOS_INVALID_OPTION', `Expected an API key for ${defaults.call}, got none: ${ways}.`)
    }
    const { concurrency = Number.POSITIVE_INFINITY, ...rates } = limits
    return { baseURL, host, apiKey, weight, concurrency, limits: rates }
  })
}
