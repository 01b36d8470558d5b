import { option, type OptionField } from '@aios/kernel/driver'
import type { CoreOptions } from '../core/core-options.js'
import { USE, type CoreUse } from '../core/core-use.js'
import type { EndpointDefaults } from '../core/endpoint.js'

/** Names what a core of OpenAI's speaks. */
export type OpenAiApi = 'chat' | 'responses'

/** Is what `openai()` takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface OpenAiOptions extends CoreOptions {
  /**
   * Default: the environment's `OPENAI_API_KEY`, read when the kernel opens the core. Only api.openai.com insists on
   * one; another server gets no `Authorization` header where there is no key.
   */
  readonly apiKey?: string | undefined
  /** Root of the API such as `http://localhost:11434/v1`. Default: `OPENAI_BASE_URL`, else `https://api.openai.com/v1`. */
  readonly baseURL?: string | undefined
  /**
   * Which API the model is asked by: Chat Completions, which every server that copies OpenAI has, or Responses, which keeps what
   * a model thought from one turn to the next and has OpenAI's own tools. Default `chat`.
   */
  readonly api?: OpenAiApi | undefined
  /** Whether the model answers, makes vectors, or both. Default `embed` for names that begin with `text-embedding-`, else `chat`. */
  readonly use?: CoreUse | undefined
  /**
   * Says that the server continues a last message of role `assistant`, so that the kernel may cut an answer and go on with
   * it later. vLLM, SGLang and others do, and are asked to by `continue_final_message`, and to count their tokens by
   * `continuous_usage_stats`; OpenAI's own models do not.
   * Not together with `api: 'responses'`, which has no such thing. Default `none`.
   */
  readonly resume?: 'prefix' | 'none' | undefined
}

/** Tells what a model is for, by the options or else by its name. */
export function useOf(model: string, { use }: OpenAiOptions): CoreUse {
  return use ?? (model.startsWith('text-embedding-') ? 'embed' : 'chat')
}

/** Checks which API is meant. */
export const API: OptionField = option.optional(option.oneOf('chat', 'responses'))

/** Holds the checks of the options that only `openai()` has. */
export const OPENAI_FIELDS: Readonly<Record<string, OptionField>> = {
  api: API,
  use: USE,
  resume: option.optional(option.oneOf('prefix', 'none')),
}

/** Tells whether a host is OpenAI's own, Azure's included; they take newer parameters than the servers that copy them. */
export function isOpenAiHost(host: string): boolean {
  return host === 'openai.com' || host.endsWith('.openai.com') || host.endsWith('.openai.azure.com')
}

/** Says where OpenAI is, and what its variables are called. */
export const OPENAI_DEFAULTS: EndpointDefaults = {
  call: 'openai()',
  url: 'https://api.openai.com/v1',
  urlVariable: 'OPENAI_BASE_URL',
  keyVariables: ['OPENAI_API_KEY'],
  needsKey: isOpenAiHost,
}
