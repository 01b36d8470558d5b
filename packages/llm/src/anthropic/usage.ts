import type { Usage } from '@aios/kernel'
import { isRecord } from '../core/record.js'
import { knownCounts, restOf, tokenCount } from '../core/token-count.js'

type Fields = Readonly<Record<string, unknown>>

/** Translates Anthropic's usage object, or none. Its `input_tokens` leave out what was read from or written to the cache. */
export function fromWireUsage(wire: Fields | undefined): Usage {
  if (wire === undefined) return { input: {}, output: {} }
  const noCache = tokenCount(wire['input_tokens'])
  const cacheRead = tokenCount(wire['cache_read_input_tokens'])
  const cacheWrite = tokenCount(wire['cache_creation_input_tokens'])
  const total = noCache === undefined ? undefined : noCache + (cacheRead ?? 0) + (cacheWrite ?? 0)
  const output = tokenCount(wire['output_tokens'])
  const details = wire['output_tokens_details']
  const reasoning = isRecord(details) ? tokenCount(details['thinking_tokens']) : undefined
  const text = reasoning === undefined ? undefined : restOf(output, reasoning)
  return {
    input: knownCounts({ total, noCache, cacheRead, cacheWrite }),
    output: knownCounts({ total: output, text, reasoning }),
    raw: wire,
  }
}

/** Adds what a later event of a stream says to what earlier ones said: its numbers are totals, and null says nothing. */
export function laterUsage(earlier: Fields | undefined, later: unknown): Fields | undefined {
  if (!isRecord(later)) return earlier
  const said = Object.entries(later).filter(([, value]) => value !== null)
  return { ...earlier, ...Object.fromEntries(said) }
}
