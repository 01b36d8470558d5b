import type { LlmDriver } from '@aios/kernel'
import { option, type OptionField } from '@aios/kernel/driver'
import { API_URL, checkCoreOptions, type CoreOptions } from '../core/core-options.js'
import { SERVES, USE, type CoreUse } from '../core/core-use.js'
import type { EndpointDefaults } from '../core/endpoint.js'
import { vendorCore } from '../core/vendor-core.js'
import type { ChatDialect } from '../openai/chat-dialect.js'
import { loadChat } from '../openai/chat-protocol.js'

/** Says how a server's chat completions differ from OpenAI's. Unknown keys are rejected. */
export interface ServerQuirks {
  /** Whether the server keeps to a JSON Schema in `response_format`, or only to JSON. Default true. */
  readonly schema?: boolean | undefined
  /** Name of the field that bounds the length of an answer. Default `max_tokens`, which most servers want. */
  readonly lengthField?: 'max_tokens' | 'max_completion_tokens' | undefined
  /**
   * How the server is told to think: by `reasoning_effort` (default), by a switch of the chat template
   * (`chat_template_kwargs.enable_thinking`), by `enable_thinking`, or not at all.
   */
  readonly reasoning?: 'reasoning_effort' | 'chat_template' | 'enable_thinking' | 'none' | undefined
}

/** Is what `openAiCompatible()` takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface OpenAiCompatibleOptions extends CoreOptions {
  /** Names the provider: key of `providerOptions` of a request, `backend` of the core, and in the details of errors. */
  readonly name: string
  /** Root of the API. */
  readonly baseURL: string
  readonly quirks?: ServerQuirks | undefined
  /** Whether the model answers, makes vectors, or both. Default `chat`. */
  readonly use?: CoreUse | undefined
  /** `prefix` if the server goes on with a last message of the assistant where `continue_final_message` says so. Default `none`. */
  readonly resume?: 'prefix' | 'none' | undefined
}

/** Is a server by its dialect and where it stands. */
export interface CompatibleServer {
  readonly dialect: ChatDialect
  readonly defaults: EndpointDefaults
  readonly resume: 'prefix' | 'none'
  /** Whether the server keeps to a JSON Schema, or only to JSON. Default true. */
  readonly hasSchema?: boolean | undefined
  /** What the model is for. Default `chat`. */
  readonly use?: CoreUse | undefined
}

const resume = option.optional(option.oneOf('prefix', 'none'))
/** Holds the checks of the options that every core for such a server has. */
export const SERVER_FIELDS: Readonly<Record<string, OptionField>> = { resume }
const QUIRKS = option.object({
  schema: option.optional(option.boolean),
  lengthField: option.optional(option.oneOf('max_tokens', 'max_completion_tokens')),
  reasoning: option.optional(option.oneOf('reasoning_effort', 'chat_template', 'enable_thinking', 'none')),
})
const FIELDS = { ...SERVER_FIELDS, name: option.name, baseURL: API_URL, quirks: option.optional(QUIRKS), use: USE }

const REASONING: Readonly<Record<NonNullable<ServerQuirks['reasoning']>, ChatDialect['reasoning']>> = {
  reasoning_effort: (effort) => ({ reasoning_effort: effort }),
  chat_template: (effort) => ({ chat_template_kwargs: { enable_thinking: effort !== 'none' } }),
  enable_thinking: (effort) => ({ enable_thinking: effort !== 'none' }),
  none: () => ({}),
}

/** Makes the core for a server. */
export function serverCore(model: string, options: CoreOptions, server: CompatibleServer): LlmDriver {
  const { dialect, defaults, hasSchema = true } = server
  return vendorCore({
    model,
    backend: dialect.provider,
    capabilities: { schema: hasSchema },
    options,
    resume: server.resume,
    serves: SERVES[server.use ?? 'chat'],
    defaults,
    load: () => loadChat(options, dialect),
  })
}

/**
 * Makes a core (AIOS: LLM core) for any server that speaks OpenAI's chat completions: Ollama, LM Studio, llama.cpp, OpenRouter,
 * Together and many more. For DeepSeek, vLLM, SGLang and Novita there are presets. Needs the package `openai`, which is
 * imported when the kernel opens the core. A key is sent where one is given.
 *
 * @param model - the model to ask for
 * @throws AiosError `AIOS_INVALID_OPTION` for an option it does not know or cannot use; when opened `AIOS_MISSING_PEER` without
 * the package `openai`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { openAiCompatible } from '@aios/llm/openai-compatible'
 *
 * const local = openAiCompatible('qwen3', { name: 'lmstudio', baseURL: 'http://localhost:1234/v1' })
 * const kernel = await createKernel({ llm: [local] })
 * const reply = await kernel.sys().llm.chat({ messages: [{ role: 'user', content: 'Hello!' }] })
 * console.log(reply.text)
 * await kernel.close()
 * ```
 */
export function openAiCompatible(model: string, options: OpenAiCompatibleOptions): LlmDriver {
  const call = 'openAiCompatible()'
  checkCoreOptions(call, { model, options }, FIELDS)
  const { name, baseURL, quirks = {}, use, resume: resumes = 'none', ...rest } = options
  const { schema: hasSchema, lengthField = 'max_tokens', reasoning = 'reasoning_effort' } = quirks
  const dialect: ChatDialect = {
    provider: name,
    lengthField: () => lengthField,
    reasoning: REASONING[reasoning],
    ignores: reasoning === 'none' ? ['reasoning'] : [],
    continuation: () => ({ continue_final_message: true, add_generation_prompt: false }),
  }
  const defaults = { call, url: baseURL, keyVariables: [], keyAdvice: 'the option apiKey', needsKey: () => false }
  return serverCore(model, rest, { dialect, defaults, resume: resumes, hasSchema, use })
}
