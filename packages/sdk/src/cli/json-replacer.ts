/** Places of objects that stand at several, beyond which these are not written out again: there can be more than there is room for. */
const MOST_REPEATED = 100_000

/** Is an object that is being written: as it came, and as it is written. */
interface Level {
  readonly raw: object
  readonly written: unknown
}

/**
 * Says what JSON lacks as nearly as it can be: a Map as its pairs, a Set as a list, a bigint as its digits, bytes by their
 * number, an object within itself in a word.
 *
 * @param errorData - makes plain data of an error
 * @returns a replacer for one `JSON.stringify`
 */
export function jsonReplacer(
  errorData: (error: Error) => unknown,
): (this: unknown, key: string, value: unknown) => unknown {
  const levels: Level[] = []
  const seen = new Set<object>()
  let repeated = 0
  // `this` holds the value before its own `toJSON`.
  return function (this: unknown, key: string, value: unknown): unknown {
    const raw = (this as Readonly<Record<string, unknown>>)[key]
    const written = nearly(raw, value, errorData)
    if (typeof written !== 'object' || written === null || typeof raw !== 'object' || raw === null) return written
    while (levels.length > 0 && levels.at(-1)?.written !== this) levels.pop()
    if (levels.some((level) => level.raw === raw)) return '(circular)'
    if (seen.has(raw)) repeated += 1
    if (repeated > MOST_REPEATED) return '(repeated)'
    seen.add(raw)
    levels.push({ raw, written })
    return written
  }
}

function nearly(raw: unknown, value: unknown, errorData: (error: Error) => unknown): unknown {
  if (ArrayBuffer.isView(raw)) return `(${raw.byteLength} bytes)`
  if (typeof value === 'bigint' || value instanceof BigInt) return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Error) return errorData(value)
  return value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value
}
