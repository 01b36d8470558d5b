import { describe } from '../error/describe.js'
import { isWellFormed } from '../journal/well-formed.js'

/**
 * Checks a value: returns nothing if it is right, else what was expected and what came. Checks are compiled once per row
 * and copy nothing.
 */
export type Validate = (value: unknown, path: string) => string | undefined

/** Says what was expected at a path and what came instead. */
export function mismatch(what: string, path: string, value: unknown): string {
  return `Expected ${what}${path === '' ? '' : ` for "${path}"`}, got ${describe(value)}.`
}

/** Accepts any value, also none. */
export const anything: Validate = () => undefined

/** Accepts a string that is not empty. */
export const text: Validate = (value, path) =>
  typeof value === 'string' && value !== '' ? undefined : mismatch('a string that is not empty', path, value)

/** Accepts any string. */
export const string: Validate = (value, path) =>
  typeof value === 'string' ? undefined : mismatch('a string', path, value)

/** Accepts a string without half characters: they are one in UTF-8, so that two names of records would be the same. */
export const wholeText: Validate = (value, path) =>
  isWellFormed(value as string) ? undefined : mismatch('text without half characters', path, value)

/** Accepts a boolean. */
export const flag: Validate = (value, path) =>
  typeof value === 'boolean' ? undefined : mismatch('true or false', path, value)

/** Accepts a plain object, whatever its keys. */
export const record: Validate = (value, path) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : mismatch('an object', path, value)

/** Accepts a function. */
export const callable: Validate = (value, path) =>
  typeof value === 'function' ? undefined : mismatch('a function', path, value)

/** Accepts a whole number from `least` to `most`. */
export function whole(least: number, most: number): Validate {
  const what =
    most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`
  return (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : mismatch(what, path, value)
}

/** Accepts a number from `least` to `most`; `most` may be Infinity, and then only finite numbers are taken. */
export function real(least: number, most: number): Validate {
  const what = most === Number.POSITIVE_INFINITY ? `a number from ${least}` : `a number from ${least} to ${most}`
  return (value, path) =>
    typeof value === 'number' && value >= least && value <= most && Number.isFinite(value)
      ? undefined
      : mismatch(what, path, value)
}

/** Accepts one of the given strings. */
export function oneOf(...values: readonly string[]): Validate {
  const what = values.map((value) => JSON.stringify(value)).join(', ')
  return (value, path) => (values.includes(value as string) ? undefined : mismatch(`one of ${what}`, path, value))
}

/** Accepts what any of the checks accepts; `what` names the choice in the message. */
export function either(what: string, ...checks: readonly Validate[]): Validate {
  return (value, path) =>
    checks.some((check) => check(value, path) === undefined) ? undefined : mismatch(what, path, value)
}

/** Accepts an array whose items pass `check`. */
export function listOf(check: Validate, least = 0): Validate {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < least)
      return mismatch(least > 0 ? 'an array that is not empty' : 'an array', path, value)
    for (let index = 0; index < value.length; index += 1) {
      const problem = check(value[index], '')
      if (problem !== undefined) return check(value[index], `${path}[${index}]`)
    }
    return undefined
  }
}

/** Accepts a missing value, or one that passes `check`. */
export function optional(check: Validate): Validate {
  return (value, path) => (value === undefined ? undefined : check(value, path))
}

/** Is a field of a {@link shape}. */
interface Field {
  readonly check: Validate
  readonly required: boolean
}

/**
 * Accepts an object with these keys and no others.
 *
 * @param checks - a check for each key; make those that may be absent `optional`
 */
export function shape(checks: Readonly<Record<string, Validate>>): Validate {
  const fields = new Map<string, Field>()
  for (const [name, check] of Object.entries(checks))
    fields.set(name, { check, required: check(undefined, name) !== undefined })
  const required = [...fields.values()].filter((field) => field.required).length

  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return mismatch('an object', path, value)
    const given = value as Record<string, unknown>
    let missing = required
    for (const key in given) {
      const field = fields.get(key)
      if (field?.check(given[key], key) !== undefined || field === undefined) return explain(given, fields, path)
      if (field.required) missing -= 1
    }
    return missing === 0 ? undefined : explain(given, fields, path)
  }
}

/** Says what is wrong with an object that did not pass: the first bad field, else the first key that is unknown. */
function explain(given: Record<string, unknown>, fields: ReadonlyMap<string, Field>, path: string): string | undefined {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  for (const [name, { check }] of fields) {
    const wrong = check(given[name], at(name))
    if (wrong !== undefined) return wrong
  }
  for (const key in given) {
    if (!fields.has(key))
      return `Expected only the keys ${[...fields.keys()].join(', ')}${path === '' ? '' : ` in "${path}"`}, got "${key}".`
  }
  return undefined
}
