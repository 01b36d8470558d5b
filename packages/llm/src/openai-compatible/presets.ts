import type { LlmDriver } from '@aios/kernel'
import { checkCoreOptions, type CoreOptions } from '../core/core-options.js'
import type { ChatDialect, Effort } from '../openai/chat-dialect.js'
import { serverCore, SERVER_FIELDS, type CompatibleServer } from './openai-compatible.js'

/** Is what a preset takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface PresetOptions extends CoreOptions {
  /** Whether the server may be asked to go on with the beginning of an answer. The default is said at each preset. */
  readonly resume?: 'prefix' | 'none' | undefined
}

const isLocal = (): boolean => false
const isAlways = (): boolean => true
const shortLength = (): 'max_tokens' => 'max_tokens'
/** vLLM and SGLang know three efforts, and a switch in the chat template of models that can do without. */
const templateReasoning = (effort: Effort): Readonly<Record<string, unknown>> =>
  effort === 'none'
    ? { chat_template_kwargs: { enable_thinking: false } }
    : {
        reasoning_effort: effort === 'minimal' ? 'low' : effort,
        chat_template_kwargs: { enable_thinking: true },
      }

function made(preset: CompatibleServer, model: string, options: PresetOptions): LlmDriver {
  checkCoreOptions(preset.defaults.call, { model, options }, SERVER_FIELDS)
  return serverCore(model, options, { ...preset, resume: options.resume ?? preset.resume })
}

const DEEPSEEK: ChatDialect = {
  provider: 'deepseek',
  lengthField: shortLength,
  reasoning: (effort) =>
    effort === 'none'
      ? { thinking: { type: 'disabled' } }
      : { thinking: { type: 'enabled' }, reasoning_effort: effort },
  continuation: () => ({}),
  prefixMark: { prefix: true },
  ignores: ['seed'],
}

const VLLM: ChatDialect = {
  provider: 'vllm',
  lengthField: shortLength,
  reasoning: templateReasoning,
  continuation: () => ({ continue_final_message: true, add_generation_prompt: false }),
}

const SGLANG: ChatDialect = {
  provider: 'sglang',
  lengthField: shortLength,
  reasoning: templateReasoning,
  continuation: () => ({ continue_final_message: true }),
}

const NOVITA: ChatDialect = {
  provider: 'novita',
  lengthField: shortLength,
  reasoning: (effort) => ({ enable_thinking: effort !== 'none' }),
  continuation: () => ({}),
  always: { separate_reasoning: true },
}

/**
 * Makes a core for DeepSeek's API: `DEEPSEEK_API_KEY`, `https://api.deepseek.com`. It has no JSON Schema mode: the kernel puts
 * a schema into the conversation, and JSON mode is switched on. Thinking is shown as reasoning, which returns between tool calls. It goes
 * on with the beginning of an answer only at `https://api.deepseek.com/beta`; give that as `baseURL`, and `resume: 'prefix'`.
 * Default `resume`: `none`. Tested with recorded answers, not verified live.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`; when opened also without a key, and `AIOS_MISSING_PEER`
 */
export function deepseek(model: string, options: PresetOptions = {}): LlmDriver {
  const defaults = {
    call: 'deepseek()',
    url: 'https://api.deepseek.com',
    urlVariable: 'DEEPSEEK_BASE_URL',
    keyVariables: ['DEEPSEEK_API_KEY'],
    needsKey: isAlways,
  }
  return made({ dialect: DEEPSEEK, defaults, resume: 'none', hasSchema: false }, model, options)
}

/**
 * Makes a core for a vLLM server (AIOS: backend vllm): `VLLM_BASE_URL`, else `http://localhost:8000/v1`; a key, if the server wants one, from
 * `VLLM_API_KEY`. Default `resume`: `prefix`, by `continue_final_message`. Tools and reasoning need the server's parser
 * options. Written from vLLM's documentation, not verified live.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`; when opened `AIOS_MISSING_PEER`
 */
export function vllm(model: string, options: PresetOptions = {}): LlmDriver {
  const defaults = {
    call: 'vllm()',
    url: 'http://localhost:8000/v1',
    urlVariable: 'VLLM_BASE_URL',
    keyVariables: ['VLLM_API_KEY'],
    needsKey: isLocal,
  }
  return made({ dialect: VLLM, defaults, resume: 'prefix' }, model, options)
}

/**
 * Makes a core for an SGLang server (AIOS: backend sglang): `SGLANG_BASE_URL`, else `http://localhost:30000/v1`; a key, if the server wants one,
 * from `SGLANG_API_KEY`. Default `resume`: `prefix`, by `continue_final_message`. Written from SGLang's documentation, not
 * verified live.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`; when opened `AIOS_MISSING_PEER`
 */
export function sglang(model: string, options: PresetOptions = {}): LlmDriver {
  const defaults = {
    call: 'sglang()',
    url: 'http://localhost:30000/v1',
    urlVariable: 'SGLANG_BASE_URL',
    keyVariables: ['SGLANG_API_KEY'],
    needsKey: isLocal,
  }
  return made({ dialect: SGLANG, defaults, resume: 'prefix' }, model, options)
}

/**
 * Makes a core for Novita's API (AIOS: backend novita): `NOVITA_API_KEY`, `https://api.novita.ai/openai/v1`. Reasoning is asked for apart from the
 * answer (`separate_reasoning`). Default `resume`: `none`. Written from Novita's documentation, not verified live.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`; when opened also without a key, and `AIOS_MISSING_PEER`
 */
export function novita(model: string, options: PresetOptions = {}): LlmDriver {
  const defaults = {
    call: 'novita()',
    url: 'https://api.novita.ai/openai/v1',
    urlVariable: 'NOVITA_BASE_URL',
    keyVariables: ['NOVITA_API_KEY'],
    needsKey: isAlways,
  }
  return made({ dialect: NOVITA, defaults, resume: 'none' }, model, options)
}
