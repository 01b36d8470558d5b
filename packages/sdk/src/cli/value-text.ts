import { inspect } from 'node:util'
import { AiosError } from '@aios/kernel'
import { Hidden } from './captured-value.js'

/** Writes any value in one text: a text as it is, plain data as JSON, with words for what JSON lacks. */
export function valueText(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  return value instanceof Hidden ? `(${value.hidden})` : jsonText(value)
}

/**
 * Writes any value as JSON. What JSON lacks is said as nearly as it can be: a Map as its pairs, a Set as a list, a bigint as
 * its digits, bytes by their number. What has no JSON at all, such as a cycle, is written as Node shows it.
 *
 * @param indent - spaces a level
 */
export function jsonText(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, nearly, indent) ?? String(value)
  } catch {
    return inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY })
  }
}

/** Writes what was thrown, without its stack. */
export function errorText(error: unknown): string {
  if (AiosError.is(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? String(error) : valueText(error)
}

/** Returns what was thrown as plain data. */
export function errorData(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  return AiosError.is(error)
    ? { code: error.code, message: error.message }
    : { name: error.name, message: error.message }
}

/** `this` holds the value before its own `toJSON`. */
function nearly(this: unknown, key: string, value: unknown): unknown {
  const raw = (this as Readonly<Record<string, unknown>>)[key]
  if (ArrayBuffer.isView(raw)) return `(${raw.byteLength} bytes)`
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (value instanceof Error) return errorData(value)
  return value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value
}
