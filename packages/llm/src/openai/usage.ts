import type { Usage } from '@aios/kernel'
import { isRecord } from '../core/record.js'

type Fields = Readonly<Record<string, unknown>>

const counted = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

const detail = (details: unknown, name: string): number | undefined =>
  isRecord(details) ? counted(details[name]) : undefined

/** Subtracts parts from a total; what cannot be known, or would be negative, stays unknown. */
function rest(total: number | undefined, ...parts: readonly number[]): number | undefined {
  return total === undefined ? undefined : counted(parts.reduce((left, part) => left - part, total))
}

/** Leaves out the keys whose value is not known. */
function known<K extends string>(counts: Readonly<Record<K, number | undefined>>): Partial<Record<K, number>> {
  const entries = Object.entries(counts).filter(([, count]) => count !== undefined)
  return Object.fromEntries(entries) as Partial<Record<K, number>>
}

/** Some servers count reasoning outside of `completion_tokens`; only the grand total gives them away. */
function outputTotal(wire: Fields, reasoning: number | undefined): number | undefined {
  const input = counted(wire['prompt_tokens'])
  const output = counted(wire['completion_tokens'])
  const total = counted(wire['total_tokens'])
  if (input === undefined || output === undefined || total === undefined || reasoning === undefined) return output
  return input + output < total ? total - input : output
}

/** Translates OpenAI's usage object, or none. Numbers that did not come stay absent. */
export function fromWireUsage(wire: Fields | undefined): Usage {
  if (wire === undefined) return { input: {}, output: {} }
  const total = counted(wire['prompt_tokens'])
  // DeepSeek has a name of its own.
  const cacheRead = detail(wire['prompt_tokens_details'], 'cached_tokens') ?? counted(wire['prompt_cache_hit_tokens'])
  const cacheWrite = detail(wire['prompt_tokens_details'], 'cache_write_tokens')
  const noCache = cacheRead === undefined ? undefined : rest(total, cacheRead, cacheWrite ?? 0)
  const reasoning = detail(wire['completion_tokens_details'], 'reasoning_tokens')
  const output = outputTotal(wire, reasoning)
  const text = reasoning === undefined ? undefined : rest(output, reasoning)
  return {
    input: known({ total, noCache, cacheRead, cacheWrite }),
    output: known({ total: output, text, reasoning }),
    raw: wire,
  }
}
