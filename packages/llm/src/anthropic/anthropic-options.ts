import { option, type OptionField } from '@aios/kernel/driver'
import type { CoreOptions } from '../core/core-options.js'
import type { EndpointDefaults } from '../core/endpoint.js'

/** Tokens that an answer may have where neither the request nor the options say; the API insists on a number. */
export const DEFAULT_MAX_TOKENS = 4_096

/** Is what `anthropic()` takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface AnthropicOptions extends CoreOptions {
  /**
   * Default: the environment's `ANTHROPIC_API_KEY`, else `ANTHROPIC_AUTH_TOKEN`, read when the kernel opens the core. Sent as
   * `Authorization: Bearer`; a server that wants `x-api-key` gets it by `headers`.
   */
  readonly apiKey?: string | undefined
  /** Root of the API, without `/v1`. Default: `ANTHROPIC_BASE_URL`, else `https://api.anthropic.com`. */
  readonly baseURL?: string | undefined
  /** Most tokens the model can answer, thinking included; what is asked for where a request does not say. Default 4,096. */
  readonly maxOutputTokens?: number | undefined
  /**
   * How the model is told to think: `adaptive` names an effort, `budget` a number of tokens, as models before Claude 4.6 need
   * it. Default: by the model's name, `adaptive` for names it does not know.
   */
  readonly thinking?: 'adaptive' | 'budget' | undefined
  /**
   * Says that the model continues a last message of role `assistant`, so that the kernel may cut an answer and go on with it
   * later. Claude models before 4.6 do, unless they think; newer ones reject such a message. Default `none`.
   */
  readonly resume?: 'prefix' | 'none' | undefined
}

/** Holds the checks of the options that only `anthropic()` has. */
export const ANTHROPIC_FIELDS: Readonly<Record<string, OptionField>> = {
  thinking: option.optional(option.oneOf('adaptive', 'budget')),
  resume: option.optional(option.oneOf('prefix', 'none')),
}

/** Says where Anthropic is, and what its variables are called. */
export const ANTHROPIC_DEFAULTS: EndpointDefaults = {
  call: 'anthropic()',
  url: 'https://api.anthropic.com',
  urlVariable: 'ANTHROPIC_BASE_URL',
  keyVariables: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
  needsKey: (host) => host === 'anthropic.com' || host.endsWith('.anthropic.com'),
}

/** These need a budget of tokens; the list is closed, since newer models have other names. */
const BEFORE_ADAPTIVE = /^claude-(?:[23](?:[.-]|$)|(?:opus|sonnet|haiku)-4(?:-[015])?(?:-\d{8}|-latest)?$)/

/** Tells how a model is told to think, by the options or else by its name. */
export function thinkingStyle(model: string, { thinking }: AnthropicOptions): 'adaptive' | 'budget' {
  return thinking ?? (BEFORE_ADAPTIVE.test(model) ? 'budget' : 'adaptive')
}

/** Is the last version of the API that takes `temperature` and `top_p`. */
const SAMPLING_VERSION = '2023-06-01'

/** Tells whether the API takes `temperature` and `top_p`: newer versions, the SDK's own among them, reject any. */
export function takesSampling({ headers = {} }: AnthropicOptions): boolean {
  return Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === 'anthropic-version' && value.trim() === SAMPLING_VERSION,
  )
}
