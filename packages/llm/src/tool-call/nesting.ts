/** Levels that arguments may be nested: whoever walks them by calling himself, as most code does, runs out of stack far later. */
export const MAX_LEVELS = 1_000

/** Tells whether a value is nested deeper than arguments may be. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth <= MAX_LEVELS; depth += 1) {
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null ? (Object.values(each) as unknown[]) : [],
    )
    if (level.length === 0) return false
  }
  return true
}
