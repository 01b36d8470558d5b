import { jsonText } from './value-text.js'

/** Writes what an agent came to: a text as it is, anything else as JSON. */
export function resultText(result: unknown): string {
  return typeof result === 'string' ? result : jsonText(result, 2)
}
