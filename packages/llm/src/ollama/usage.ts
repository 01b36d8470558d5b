import type { Usage } from '@aios/kernel'
import { knownCounts, tokenCount } from '../core/token-count.js'

type Fields = Readonly<Record<string, unknown>>

const COUNTS = [
  'prompt_eval_count',
  'eval_count',
  'total_duration',
  'load_duration',
  'prompt_eval_duration',
  'eval_duration',
]

/**
 * Reads the counts of an answer. Ollama leaves out what is 0, so none is not known; it does not tell thinking from text, nor
 * what it had in its cache.
 */
export function usageOf(fields: Fields): Usage {
  const raw = Object.fromEntries(COUNTS.filter((name) => name in fields).map((name) => [name, fields[name]]))
  return {
    input: knownCounts({ total: tokenCount(fields['prompt_eval_count']) }),
    output: knownCounts({ total: tokenCount(fields['eval_count']) }),
    ...(Object.keys(raw).length === 0 ? {} : { raw }),
  }
}
