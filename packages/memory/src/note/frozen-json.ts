import { AiosError, type JsonValue } from '@aios/kernel/driver'

/** Levels of nesting that a value may have; a cycle has no end and is refused the same way. */
const DEPTH = 100

function refuse(where: string, what: string): never {
  throw new AiosError('AIOS_INVALID_SYSCALL', `Expected JSON for "${where}", got ${what}. Store plain data only.`)
}

function plainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function copy(value: unknown, where: string, depth: number): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : refuse(where, String(value))
  if (typeof value !== 'object') return refuse(where, value === undefined ? 'undefined' : `a ${typeof value}`)
  if (depth === 0) return refuse(where, `more than ${DEPTH} levels of nesting`)
  if (Array.isArray(value))
    return Object.freeze(Array.from(value, (item: unknown, at) => copy(item, `${where}[${at}]`, depth - 1)))
  if (!plainObject(value)) return refuse(where, `a ${value.constructor?.name || 'class instance'}`)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.freeze(
    Object.fromEntries(entries.map(([key, item]) => [key, copy(item, `${where}.${key}`, depth - 1)])),
  )
}

/**
 * Copies plain data and freezes the copy through and through, so that neither its writer nor its readers can change
 * what is stored. Keys whose value is `undefined` are left out, as in JSON.
 *
 * @param value - at most 100 levels of objects, arrays, strings, finite numbers, booleans and null
 * @param where - what to call the value in an error
 * @throws AiosError `AIOS_INVALID_SYSCALL` if it holds anything else, or itself
 */
export function frozenJson(
  value: Readonly<Record<string, JsonValue>>,
  where: string,
): Readonly<Record<string, JsonValue>> {
  return copy(value, where, DEPTH) as Readonly<Record<string, JsonValue>>
}
