import { AiosError } from '@aios/kernel'
import type { LlmDriver } from '@aios/kernel'
import { openai } from '@aios/llm/openai'

/** Is the part of `process.env` that decides the model. An empty variable counts as absent. */
export type Environment = Readonly<Record<string, string | undefined>>

const OPENAI_MODEL = 'gpt-5-mini'
const OLLAMA_MODEL = 'llama3.2'
const OLLAMA_PORT = 11_434

/**
 * Makes the core that the environment names: OpenAI's if there is an `OPENAI_API_KEY` (model: `OPENAI_MODEL`, else
 * gpt-5-mini), else an Ollama server's if there is an `OLLAMA_HOST` (model: `OLLAMA_MODEL`, else llama3.2), else none.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for a key or host that cannot be one
 */
export function environmentCore(environment: Environment): LlmDriver | undefined {
  const { OPENAI_API_KEY: apiKey, OLLAMA_HOST: host } = environment
  if (isSet(apiKey)) return tolerant(openai(environment['OPENAI_MODEL'] || OPENAI_MODEL, { apiKey }))
  if (!isSet(host)) return undefined
  // Ollama ignores the key.
  const options = { baseURL: `${ollamaUrl(host)}/v1`, apiKey: 'ollama' }
  return tolerant(openai(environment['OLLAMA_MODEL'] || OLLAMA_MODEL, options))
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}

/** Ollama itself reads `host`, `host:port` and full URLs from this variable. */
function ollamaUrl(host: string): string {
  const base = host.replace(/\/+$/, '')
  if (/^https?:\/\//.test(base)) return base
  return /:\d+$/.test(base) ? `http://${base}` : `http://${base}:${OLLAMA_PORT}`
}

/**
 * Lets a kernel open although the vendor's package is missing, or does not load: a key may be in the environment for other programs,
 * and a kernel whose agents ask no model must not fail for it. Whoever does ask gets `AIOS_MISSING_PEER` or `AIOS_DRIVER_FAILED`.
 */
function tolerant(core: LlmDriver): LlmDriver {
  let missing: AiosError | undefined
  const present = (): LlmDriver => {
    if (missing !== undefined) throw missing
    return core
  }
  return {
    ...core,
    async open(services) {
      try {
        await core.open?.(services)
      } catch (error) {
        if (!AiosError.is(error, 'AIOS_MISSING_PEER') && !AiosError.is(error, 'AIOS_DRIVER_FAILED')) throw error
        missing = error
      }
    },
    chat: (request, call) => present().chat!(request, call),
    stream: (request, call) => present().stream!(request, call),
  }
}
