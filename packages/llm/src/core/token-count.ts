/** Reads a number of tokens; whatever is none counts as not said. */
export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** Subtracts parts from a total; what cannot be known, or would be negative, stays unknown. */
export function restOf(total: number | undefined, ...parts: readonly number[]): number | undefined {
  return total === undefined ? undefined : tokenCount(parts.reduce((left, part) => left - part, total))
}

/** Leaves out the keys whose count is not known. */
export function knownCounts<K extends string>(
  counts: Readonly<Record<K, number | undefined>>,
): Partial<Record<K, number>> {
  const entries = Object.entries(counts).filter(([, count]) => count !== undefined)
  return Object.fromEntries(entries) as Partial<Record<K, number>>
}
