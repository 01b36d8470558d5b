import { createHash, hash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import { AiosError } from '../error/aios-error.js'
import { decodeError, encodeError, type StoredError } from './error-codec.js'

/**
 * Is a value as the journal keeps it, taken the moment it was seen: whoever changes the value later does not change this.
 * `j`: JSON text. `v`: bytes of the structured clone algorithm. `e`: JSON text of an error. `x`: nothing, and why.
 */
export type Captured =
  | { readonly codec: 'j' | 'e'; readonly text: string }
  | { readonly codec: 'v'; readonly bytes: Uint8Array }
  | { readonly codec: 'x'; readonly why: 'redacted' | 'not-cloneable' }

/** Stands for "no value": what a call without a request or a result has. */
export const NOTHING: Captured = { codec: 'j', text: '' }
/** Stands for a value that somebody asked to keep out. */
export const REDACTED = { codec: 'x', why: 'redacted' } as const satisfies Captured

/** Captures a value. One that cannot be copied is captured as such: it can be told of, not returned. */
export function capture(value: unknown): Captured {
  if (value === undefined) return NOTHING
  try {
    // A getter may throw.
    if (isJson(value, 0)) return { codec: 'j', text: JSON.stringify(value) }
    return { codec: 'v', bytes: serialize(value) }
  } catch {
    return { codec: 'x', why: 'not-cloneable' }
  }
}

/** Captures what something rejected with. */
export function captureError(error: unknown): Captured {
  return { codec: 'e', text: JSON.stringify(encodeError(error)) }
}

/**
 * Returns the value that was captured; a copy of its own at each call.
 *
 * @throws AiosError `AIOS_NOT_CLONEABLE` if it never could be copied, or was redacted
 */
export function restored(captured: Captured): unknown {
  switch (captured.codec) {
    case 'j':
      return captured.text === '' ? undefined : JSON.parse(captured.text)
    case 'v':
      return deserialize(captured.bytes)
    case 'e':
      return decodeError(JSON.parse(captured.text) as StoredError)
    case 'x':
      throw new AiosError(
        'AIOS_NOT_CLONEABLE',
        captured.why === 'redacted'
          ? 'This value was redacted from the journal; a run can be read past it, not resumed or replayed past it.'
          : 'This value held functions or handles and could not be kept; a run can be read past it, not resumed or replayed past it.',
        { details: { why: captured.why } },
      )
  }
}

/** Whether JSON gives the value back exactly as it is. */
function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return true
  // Deeper than this may be a cycle; the structured clone algorithm knows what to do with those.
  if (depth > 64) return false
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) if (!isJson(value[index], depth + 1)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return false
  for (const key in value) if (!isJson((value as Record<string, unknown>)[key], depth + 1)) return false
  return true
}

/**
 * Names the content of a request, so that a call can be found again: the same content gives the same digest in every process
 * and version of Node. Keys whose value is undefined do not count; what JSON lacks counts by what it holds.
 *
 * @returns 16 hexadecimal digits
 */
export function digestOf(captured: Captured): string {
  return hashed(canonicalText(captured))
}

function canonicalText(captured: Captured): string {
  if (captured.codec === 'x') return captured.codec
  return captured.codec === 'v' ? JSON.stringify(deserialize(captured.bytes), inWords) : captured.text
}

/** Names a text of any length with 32 bytes, so that no two texts are known to have the same name. */
export function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function hashed(text: string): string {
  return hash('sha256', text).slice(0, 16)
}

/** Puts into words what JSON would drop or merge. `this` holds the value before its own `toJSON`. */
export function inWords(this: unknown, key: string, value: unknown): unknown {
  const raw = (this as Record<string, unknown>)[key]
  if (raw instanceof Date) return { $date: raw.getTime() }
  if (typeof value === 'bigint') return { $bigint: value.toString() }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  if (value instanceof Map) return { $map: [...value.entries()] }
  if (value instanceof Set) return { $set: [...value.values()] }
  if (ArrayBuffer.isView(raw)) {
    const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
    return { $bytes: createHash('sha256').update(bytes).digest('hex') }
  }
  if (value instanceof RegExp) return { $regexp: String(value) }
  if (value instanceof Error) return encodeError(value)
  return value
}
