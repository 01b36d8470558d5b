import type { LlmDriver } from '@aios/kernel'
import { ruleCore } from './rule-core.js'

/**
 * Chooses the model of an example: nothing, so that the kernel takes the real one that the environment names by
 * `OPENAI_API_KEY` or `OLLAMA_HOST`, else the rules of this package. Spread it into the options of `createKernel`.
 */
export function offlineModel(): { readonly llm?: LlmDriver } {
  const { OPENAI_API_KEY = '', OLLAMA_HOST = '' } = process.env
  return OPENAI_API_KEY === '' && OLLAMA_HOST === '' ? { llm: ruleCore() } : {}
}
