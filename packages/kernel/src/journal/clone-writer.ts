import { serialize } from 'node:v8'

/** Levels of a value that can be read again wherever the stack stands: reading takes more of it than writing. */
export const MOST_CLONE_LEVELS = 1_100

/**
 * Writes a value by the structured clone algorithm. Throws for what that cannot copy, such as a function, and what a getter
 * throws.
 *
 * @returns undefined for what is nested too deep
 */
export function writeClone(value: unknown): Uint8Array | undefined {
  return isShallow(value, 1, new Set()) ? serialize(value) : undefined
}

/** Whether what is to be serialized is not nested too deep: looks at each object once, in the order in which that goes. */
function isShallow(value: unknown, level: number, seen: Set<object>): boolean {
  if (typeof value !== 'object' || value === null || seen.has(value)) return true
  if (level > MOST_CLONE_LEVELS) return false
  seen.add(value)
  for (const inner of insidesOf(value)) if (!isShallow(inner, level + 1, seen)) return false
  return true
}

function insidesOf(value: object): Iterable<unknown> {
  if (ArrayBuffer.isView(value) || value instanceof String) return []
  if (value instanceof Map) return [...value.keys(), ...value.values()] as readonly unknown[]
  if (value instanceof Set) return value
  return value instanceof Error ? [value.cause] : (Object.values(value) as readonly unknown[])
}
