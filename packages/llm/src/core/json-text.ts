import { isRecord } from './record.js'

interface Unwritten {
  readonly value: unknown
}

/** Writes a value piece by piece, from a list of what is left to write. */
function written(value: unknown): string {
  const pieces: string[] = []
  const left: (string | Unwritten)[] = [{ value }]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next === 'string') pieces.push(next)
    else for (const each of contents(next.value).reverse()) left.push(each)
  }
  return pieces.join('')
}

/** Returns a value as text, its members still unwritten. */
function contents(value: unknown): (string | Unwritten)[] {
  if (Array.isArray(value)) {
    return ['[', ...value.flatMap((each, n) => [n === 0 ? '' : ',', { value: each as unknown }]), ']']
  }
  if (!isRecord(value)) return [JSON.stringify(value)]
  const members = Object.entries(value).flatMap(([name, each], n) => [
    `${n === 0 ? '' : ','}${JSON.stringify(name)}:`,
    { value: each },
  ])
  return ['{', ...members, '}']
}

/** Writes a value that came as JSON as JSON again, however deep it is nested: `JSON.stringify` alone throws where the stack ends. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof RangeError) return written(value)
    throw error
  }
}
