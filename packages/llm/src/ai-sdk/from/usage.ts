import type { Usage } from '@aios/kernel'
import { isRecord } from '../../core/record.js'
import { knownCounts, restOf, tokenCount } from '../../core/token-count.js'

type Fields = Readonly<Record<string, unknown>>

const count = (fields: unknown, name: string): number | undefined =>
  tokenCount(isRecord(fields) ? fields[name] : undefined)

/** Some providers of v2 count reasoning beside the output; only the grand total gives them away. */
function outputTotal(usage: Fields, reasoning: number | undefined): number | undefined {
  const [input, output, total] = ['inputTokens', 'outputTokens', 'totalTokens'].map((name) => count(usage, name))
  if (input === undefined || output === undefined || total === undefined || reasoning === undefined) return output
  return input + output + reasoning === total ? total - input : output
}

/** Anthropic's input tokens of v2 leave out what was read from the cache and written to it. */
function flatInput(usage: Fields, metadata: unknown): Usage['input'] {
  const said = count(usage, 'inputTokens')
  const cacheRead = count(usage, 'cachedInputTokens')
  const anthropic = isRecord(metadata) ? metadata['anthropic'] : undefined
  const cacheWrite = count(anthropic, 'cacheCreationInputTokens')
  const isBeside = isRecord(anthropic) || (said !== undefined && cacheRead !== undefined && cacheRead > said)
  if (said === undefined || !isBeside)
    return knownCounts({
      total: said,
      noCache: cacheRead === undefined ? undefined : restOf(said, cacheRead),
      cacheRead,
    })
  const total = said + (cacheRead ?? 0) + (cacheWrite ?? 0)
  return knownCounts({ total, noCache: said, cacheRead, cacheWrite })
}

function fromFlat(usage: Fields, metadata: unknown): Usage {
  const reasoning = count(usage, 'reasoningTokens')
  const total = outputTotal(usage, reasoning)
  const text = reasoning === undefined ? undefined : restOf(total, reasoning)
  return { input: flatInput(usage, metadata), output: knownCounts({ total, text, reasoning }), raw: usage }
}

/**
 * Translates usage of any specification: flat numbers in v2, nested ones since. Numbers that did not come stay absent.
 *
 * @param metadata - the answer's provider metadata, which says what v2 counts
 */
export function fromSdkUsage(usage: unknown, metadata?: unknown): Usage {
  if (!isRecord(usage)) return { input: {}, output: {} }
  const { inputTokens, outputTokens, raw } = usage
  if (!isRecord(inputTokens) && !isRecord(outputTokens)) return fromFlat(usage, metadata)
  const from = <K extends string>(fields: unknown, ...names: readonly K[]): Partial<Record<K, number>> =>
    knownCounts(Object.fromEntries(names.map((name) => [name, count(fields, name)])) as Record<K, number | undefined>)
  return {
    input: from(inputTokens, 'total', 'noCache', 'cacheRead', 'cacheWrite'),
    output: from(outputTokens, 'total', 'text', 'reasoning'),
    raw: raw ?? usage,
  }
}
