import type { Usage } from '@aios/kernel'

type Fields = Readonly<Record<string, unknown>>

const counted = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

/** Adds counts of which the first must be known. */
const sum = (first: number | undefined, second: number | undefined): number | undefined =>
  first === undefined ? undefined : first + (second ?? 0)

/** Subtracts; what cannot be known, or would be negative, stays unknown. */
const rest = (total: number | undefined, part: number | undefined): number | undefined =>
  total === undefined || part === undefined ? undefined : counted(total - part)

/** Leaves out the keys whose value is not known. */
function known<K extends string>(counts: Readonly<Record<K, number | undefined>>): Partial<Record<K, number>> {
  const entries = Object.entries(counts).filter(([, count]) => count !== undefined)
  return Object.fromEntries(entries) as Partial<Record<K, number>>
}

/**
 * Translates Gemini's usage metadata, or none. Its candidates' tokens leave out the thoughts, and its prompt's tokens what
 * the provider's own tools brought; ours include them. Numbers that did not come stay absent.
 */
export function fromWireUsage(wire: Fields | undefined): Usage {
  if (wire === undefined) return { input: {}, output: {} }
  const read = (name: string): number | undefined => counted(wire[name])
  const input = sum(read('promptTokenCount'), read('toolUsePromptTokenCount'))
  const cacheRead = read('cachedContentTokenCount')
  const reasoning = read('thoughtsTokenCount')
  // A count of zero is left out; the grand total then tells.
  const output = sum(read('candidatesTokenCount'), reasoning) ?? rest(read('totalTokenCount'), input)
  return {
    input: known({ total: input, noCache: rest(input, cacheRead), cacheRead }),
    output: known({ total: output, text: rest(output, reasoning), reasoning }),
    raw: wire,
  }
}
