import type { Usage } from '@aios/kernel'
import { isRecord } from '../core/record.js'
import { knownCounts, restOf, tokenCount } from '../core/token-count.js'

type Fields = Readonly<Record<string, unknown>>

const detail = (details: unknown, name: string): number | undefined =>
  isRecord(details) ? tokenCount(details[name]) : undefined

/** Some servers count reasoning outside of `completion_tokens`; only the grand total gives them away. */
function outputTotal(wire: Fields, reasoning: number | undefined): number | undefined {
  const input = tokenCount(wire['prompt_tokens'])
  const output = tokenCount(wire['completion_tokens'])
  const total = tokenCount(wire['total_tokens'])
  if (input === undefined || output === undefined || total === undefined || reasoning === undefined) return output
  return input + output < total ? total - input : output
}

/** Translates OpenAI's usage object, or none. Numbers that did not come stay absent. */
export function fromWireUsage(wire: Fields | undefined): Usage {
  if (wire === undefined) return { input: {}, output: {} }
  const total = tokenCount(wire['prompt_tokens'])
  // DeepSeek has a name of its own.
  const cacheRead =
    detail(wire['prompt_tokens_details'], 'cached_tokens') ?? tokenCount(wire['prompt_cache_hit_tokens'])
  const cacheWrite = detail(wire['prompt_tokens_details'], 'cache_write_tokens')
  const noCache = cacheRead === undefined ? undefined : restOf(total, cacheRead, cacheWrite ?? 0)
  // SGLang counts it beside the totals.
  const reasoning =
    detail(wire['completion_tokens_details'], 'reasoning_tokens') ?? tokenCount(wire['reasoning_tokens'])
  const output = outputTotal(wire, reasoning)
  const text = reasoning === undefined ? undefined : restOf(output, reasoning)
  return {
    input: knownCounts({ total, noCache, cacheRead, cacheWrite }),
    output: knownCounts({ total: output, text, reasoning }),
    raw: wire,
  }
}
