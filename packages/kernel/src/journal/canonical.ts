import { writeWords } from './value-words.js'

/** Writes a value as text that is the same for the same content, whatever the order of its keys: JSON where JSON can say it. */
export function canonicalText(value: unknown): string {
  return textOf(value, true)
}

/** Writes a value as text for whoever reads where two differ. */
export function wordsOf(value: unknown): string {
  return textOf(value, false)
}

function textOf(value: unknown, sorted: boolean): string {
  if (value === undefined) return ''
  const parts: string[] = []
  writeWords(value, (text) => parts.push(text), { sorted })
  return parts.join('')
}
