import { inspect } from 'node:util'
import { AiosError } from '@aios/kernel'
import { Hidden } from './captured-value.js'
import { jsonReplacer } from './json-replacer.js'

/** Writes any value in one text: a text as it is, plain data as JSON, with words for what JSON lacks. */
export function valueText(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  return value instanceof Hidden ? `(${value.hidden})` : jsonText(value)
}

/**
 * Writes any value as JSON, with words for what JSON lacks.
 *
 * @param indent - spaces a level
 */
export function jsonText(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, jsonReplacer(errorData), indent) ?? String(value)
  } catch {
    // Too long for one text, or nested too deep.
    return JSON.stringify(inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY }))
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
