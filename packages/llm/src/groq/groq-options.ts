import { option, type OptionField } from '@aios/kernel/driver'
import type { CoreOptions } from '../core/core-options.js'
import type { EndpointDefaults } from '../core/endpoint.js'

/** Is where Groq's API puts what a model thought. */
export type ReasoningFormat = 'parsed' | 'raw' | 'hidden'

/** Is what `groq()` takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface GroqOptions extends CoreOptions {
  /** Default: the environment's `GROQ_API_KEY`, read when the kernel opens the core. */
  readonly apiKey?: string | undefined
  /** Root of the API, without `/openai/v1`. Default: `GROQ_BASE_URL`, else `https://api.groq.com`. */
  readonly baseURL?: string | undefined
  /**
   * Where thoughts go: `parsed` makes them reasoning of their own, `raw` leaves them in the text between `<think>` tags, `hidden`
   * leaves them out; they are paid for all the same. Default: `parsed` for qwen3 and deepseek-r1 models, else what the API does;
   * models that do not think reject the field.
   */
  readonly reasoningFormat?: ReasoningFormat | undefined
}

/** Holds the checks of the options that only `groq()` has. */
export const GROQ_FIELDS: Readonly<Record<string, OptionField>> = {
  reasoningFormat: option.optional(option.oneOf('parsed', 'raw', 'hidden')),
}

/** Says where Groq is, and what its variables are called. */
export const GROQ_DEFAULTS: EndpointDefaults = {
  call: 'groq()',
  url: 'https://api.groq.com',
  urlVariable: 'GROQ_BASE_URL',
  keyVariables: ['GROQ_API_KEY'],
  needsKey: (host) => host === 'groq.com' || host.endsWith('.groq.com'),
}
