import { inWords } from './value-codec.js'

/** Writes a value as JSON text that is the same for the same content, whatever the order of its keys. */
export function canonicalText(value: unknown): string {
  return (
    JSON.stringify(value, function (this: unknown, key: string, each: unknown) {
      const worded = inWords.call(this, key, each)
      if (typeof worded !== 'object' || worded === null || Array.isArray(worded)) return worded
      return Object.fromEntries(Object.entries(worded).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
    }) ?? ''
  )
}
