import { AiosError } from '../error/aios-error.js'
import {
  callable,
  either,
  flag,
  listOf,
  mismatch,
  oneOf,
  optional,
  real,
  record,
  shape,
  string,
  text,
  whole,
} from '../syscall/shape.js'

/**
 * Checks one value: returns nothing if it is right, else a sentence such as
 * `Expected a whole number from 1 for "limit", got 0.`
 *
 * @param value - what was given; undefined where nothing was
 * @param path - where it stands, such as `limits.depth`; empty for the options object itself
 */
export type OptionField = (value: unknown, path: string) => string | undefined

function custom(expects: string, accepts: (value: unknown) => boolean): OptionField {
  return (value, path) => (accepts(value) ? undefined : mismatch(expects, path, value))
}

function secret(expects: string, accepts: (value: unknown) => boolean): OptionField {
  return (value, path) => {
    if (accepts(value)) return undefined
    const got = typeof value === 'string' ? `a string of ${value.length} characters` : `a value of type ${typeof value}`
    return `Expected ${expects} for "${path}", got ${got}.`
  }
}

/**
 * Holds the checks that options are made of. Only what {@link option.optional} wraps may be missing; a key that is
 * undefined counts as missing.
 */
export const option = {
  /** Accepts any string. */
  string,
  /** Accepts a string that is not empty. */
  name: text,
  /** Accepts true and false. */
  boolean: flag,
  /** Accepts a function. */
  function: callable,
  /** Accepts an object that is no array, whatever its keys. */
  record,
  /** Accepts a safe integer from `min` to `max`. Default `max`: the largest there is. */
  integer: (min: number, max: number = Number.MAX_SAFE_INTEGER): OptionField => whole(min, max),
  /** Accepts a finite number from `min` to `max`. Default `max`: none. */
  number: (min: number, max: number = Number.POSITIVE_INFINITY): OptionField => real(min, max),
  /** Accepts one of these strings. */
  oneOf: (...values: readonly string[]): OptionField => oneOf(...values),
  /** Accepts an array whose items all pass. */
  array: (item: OptionField): OptionField => listOf(item),
  /** Accepts what any of the checks accepts; `expects` completes "Expected …" for all of them. */
  union: (expects: string, ...fields: readonly OptionField[]): OptionField => either(expects, ...fields),
  /** Accepts an object with these keys and no others. */
  object: (fields: Readonly<Record<string, OptionField>>): OptionField => shape(fields),
  /** Accepts a missing value, or one that passes. */
  optional: (field: OptionField): OptionField => optional(field),
  /** Accepts what `accepts` says; `expects` completes "Expected …". */
  custom,
  /** Is {@link option.custom} for a key or password: its messages tell the length or type of a value, never the value. */
  secret,
} as const

/**
 * Checks what a user passed against a field, most often an {@link option.object}, and throws what is wrong with it.
 * Whoever wrote `concurency` learns it at once, instead of running without a limit.
 *
 * @param where - what takes the options, for the message, such as `embeddedMemory()`
 * @param given - what the caller passed
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key, a missing one, or a value that its field refuses
 * @example
 * ```ts
 * import { checkOptions, option } from '@aios/kernel/driver'
 *
 * const OPTIONS = option.object({
 *   id: option.optional(option.name),
 *   timeoutMs: option.optional(option.number(0)),
 *   mode: option.oneOf('read', 'write'),
 * })
 * checkOptions('notes()', { mode: 'read', timeoutMs: 500 }, OPTIONS) // passes
 * checkOptions('notes()', { mode: 'raed' }, OPTIONS)
 * // AIOS_INVALID_OPTION: Expected one of "read", "write" for "mode", got "raed" in notes().
 * ```
 */
export function checkOptions(where: string, given: unknown, field: OptionField): void {
  const problem = field(given, '')
  if (problem !== undefined) throw new AiosError('AIOS_INVALID_OPTION', `${problem.replace(/\.$/, '')} in ${where}.`)
}
