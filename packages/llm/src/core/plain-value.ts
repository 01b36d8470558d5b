import type { JsonValue } from '@aios/kernel'

/** Levels of nesting that are written; what walks deeper ones may run out of stack. */
const MAX_DEPTH = 1_000

const UNKNOWN_BYTES = 'application/octet-stream'

/** Names a file that is not shown, such as `[image/png, 3 bytes]`. */
export function fileName(mediaType: string, size: number): string {
  return `[${mediaType || UNKNOWN_BYTES}, ${size} bytes]`
}

/** Returns a value that stands for one of a kind that JSON has no word for; undefined for any other. */
function stoodFor(value: object): unknown {
  if (value instanceof Blob) return fileName(value.type, value.size)
  if (value instanceof Uint8Array || value instanceof Uint8ClampedArray || value instanceof DataView)
    return fileName(UNKNOWN_BYTES, value.byteLength)
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return fileName(UNKNOWN_BYTES, value.byteLength)
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Set) return [...value]
  if (value instanceof Map) {
    const entries = [...value] as (readonly [unknown, unknown])[]
    return entries.every(([key]) => typeof key === 'string') ? Object.fromEntries(entries) : entries
  }
  if (value instanceof RegExp) return String(value)
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (value instanceof String || value instanceof Number || value instanceof Boolean || value instanceof BigInt)
    return value.valueOf()
  return undefined
}

function writesItself(value: object): value is { toJSON(key: string): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}

class PlainCopy {
  readonly #around = new Set<object>()

  of(value: unknown): JsonValue | undefined {
    if (typeof value === 'bigint') return String(value)
    if (typeof value === 'number') return Number.isFinite(value) ? value : null
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
    return typeof value === 'object' ? this.#ofObject(value) : undefined
  }

  #ofObject(value: object): JsonValue | undefined {
    if (this.#around.has(value)) return '[circular]'
    if (this.#around.size >= MAX_DEPTH) return '[nested too deep]'
    this.#around.add(value)
    try {
      const stands = stoodFor(value)
      if (stands !== undefined) return this.of(stands)
      if (writesItself(value)) return this.of(value.toJSON(''))
      return Array.isArray(value) ? this.#list(value) : this.#fields(value)
    } catch {
      // A getter or toJSON of the value threw: the rest of it can be read all the same.
      return '[unreadable]'
    } finally {
      this.#around.delete(value)
    }
  }

  #list(values: readonly unknown[]): JsonValue {
    return Array.from(values, (each) => this.of(each) ?? null)
  }

  #fields(value: object): JsonValue {
    const plain = Object.entries(value).map(([name, each]) => [name, this.of(each)] as const)
    return Object.fromEntries(plain.filter(([, each]) => each !== undefined)) as JsonValue
  }
}

/**
 * Returns a value as JSON can carry it, and never throws. What JSON has words for stays as it is; what only a structured clone can
 * hold becomes something that a model can read: a `bigint` its digits, a `Map` an object or a list of pairs, a `Set` a list, a
 * `Date` its ISO text, bytes their media type and size, a circle `[circular]`, and nothing at all `null`.
 */
export function plainValue(value: unknown): JsonValue {
  return new PlainCopy().of(value) ?? null
}
