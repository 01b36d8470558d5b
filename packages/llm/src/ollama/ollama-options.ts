import { option, type OptionField } from '@aios/kernel/driver'
import type { CoreOptions } from '../core/core-options.js'
import type { EndpointDefaults } from '../core/endpoint.js'

const PORT = 11_434
const CLOUD = 'ollama.com'

/** Says how a model is told to think: by a level, by a switch, or not at all. */
export type ThinkingStyle = 'levels' | 'switch' | 'none'

/** Says what a core is for. */
export type OllamaUse = 'chat' | 'embed' | 'both'

/** Is what `ollamaHost()` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface OllamaHostOptions extends CoreOptions {
  /** Id of the host in the kernel. Default `ollama`. The cores of its models have the names of the models. */
  readonly id?: string | undefined
  /**
   * Default: the environment's `OLLAMA_API_KEY`, read when the kernel opens the core, and sent to ollama.com alone. One that is
   * given here is sent to whatever host is asked.
   */
  readonly apiKey?: string | undefined
  /** Root of the server, without `/api`. Default: `OLLAMA_HOST`, else `http://127.0.0.1:11434`. */
  readonly baseURL?: string | undefined
  /**
   * How long the server keeps a model loaded after a request: seconds, or a duration such as `10m`; negative for good, 0 not at
   * all. Default: the server's, five minutes.
   */
  readonly keepAlive?: number | string | undefined
  /**
   * Size of the context window in tokens; sent as `num_ctx`, so the server loads the model with it. Default: the server's,
   * which is much smaller than most models allow.
   */
  readonly contextWindow?: number | undefined
}

/** Is what `ollama()` takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface OllamaOptions extends OllamaHostOptions {
  /** Id of the core in the kernel. Default: the model's name. */
  readonly id?: string | undefined
  /** Whether the model chats, makes vectors, or both. Default `chat`. */
  readonly use?: OllamaUse | undefined
  /**
   * How the model is told to think: `levels` takes `low`, `medium` and `high`; `switch` only on and off, as most do; `none`
   * leaves `reasoning` out. Default: `levels` for gpt-oss, `switch` for all others.
   */
  readonly thinking?: ThinkingStyle | undefined
  /** Whether other models of the host are registered when they are asked for; see {@link OllamaHostOptions}. Default true. */
  readonly discover?: boolean | undefined
}

const { optional } = option
const keepAlive = optional(
  option.custom(
    'seconds, or a duration such as "10m"',
    (value) => (typeof value === 'number' && Number.isFinite(value)) || isDuration(value),
  ),
)

/** Holds the checks of the options that a host and its cores have beside those of every core. */
export const HOST_FIELDS: Readonly<Record<string, OptionField>> = { keepAlive }

/** Holds the checks of the options that only `ollama()` has. */
export const OLLAMA_FIELDS: Readonly<Record<string, OptionField>> = {
  ...HOST_FIELDS,
  use: optional(option.oneOf('chat', 'embed', 'both')),
  thinking: optional(option.oneOf('levels', 'switch', 'none')),
  discover: optional(option.boolean),
}

/** Durations as Go reads them. */
function isDuration(value: unknown): boolean {
  return typeof value === 'string' && /^-?(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$|^-?\d+$/.test(value)
}

/** Reads `OLLAMA_HOST` as Ollama itself does: `host`, `host:port`, `:port` or a URL. The address of all interfaces is this machine. */
function urlOf(said: string): string {
  const text = said.trim().replace(/\/+$/, '')
  const isUrl = /^https?:\/\//i.test(text)
  const bare = text.startsWith(':') ? `127.0.0.1${text}` : text
  const url = isUrl ? text : `http://${/:\d+$/.test(bare) ? bare : `${bare}:${PORT}`}`
  return url.replace(/^(https?:\/\/)(?:0\.0\.0\.0|\[::\])(?=[:/]|$)/i, (_, scheme: string) => `${scheme}127.0.0.1`)
}

const isCloud = (host: string): boolean => host === CLOUD || host.endsWith(`.${CLOUD}`)

/** Says where Ollama is, and what its variables are called. */
export function ollamaDefaults(call: string): EndpointDefaults {
  return {
    call,
    url: `http://127.0.0.1:${PORT}`,
    urlVariable: 'OLLAMA_HOST',
    urlOf,
    keyVariables: ['OLLAMA_API_KEY'],
    isKeyFor: isCloud,
    needsKey: isCloud,
  }
}

/** Tells how a model is told to think, by the options or else by its name. */
export function thinkingStyle(model: string, { thinking }: OllamaOptions): ThinkingStyle {
  return thinking ?? (/(?:^|\/)gpt-oss(?:[:-]|$)/.test(model) ? 'levels' : 'switch')
}
