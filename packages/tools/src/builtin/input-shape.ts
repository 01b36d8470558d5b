import type { JsonSchema } from '@aios/kernel/driver'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe } from '../error/describe.js'
import { failureText } from '../error/failure-text.js'
import type { JsonSchemaInput } from '../schema/json-schema.js'

/** Describes one field of the input of a built-in tool. */
export interface Field<T> {
  readonly schema: JsonSchema
  readonly isRequired: boolean
  /** Returns the value, or throws an error that says what was expected. */
  read(value: unknown): T
}

/** Bounds a number or a length, both ends included. */
export interface Range {
  readonly min: number
  readonly max: number
}

function isText(value: unknown, { min, max }: Range): value is string {
  return typeof value === 'string' && value.length >= min && value.length <= max
}

/** A string of so many characters. */
export function text(description: string, range: Range): Field<string> {
  return {
    schema: { type: 'string', description, minLength: range.min, maxLength: range.max },
    isRequired: true,
    read(value) {
      if (isText(value, range)) return value
      throw new TypeError(`expected a string of ${range.min} to ${range.max} characters, got ${describe(value)}`)
    },
  }
}

/** A list of at most so many strings. */
export function texts(
  description: string,
  { most, ...range }: Range & { readonly most: number },
): Field<readonly string[]> {
  const items = { type: 'string', minLength: range.min, maxLength: range.max }
  return {
    schema: { type: 'array', description, items, maxItems: most },
    isRequired: true,
    read(value) {
      if (Array.isArray(value) && value.length <= most && value.every((item) => isText(item, range))) return value
      throw new TypeError(
        `expected up to ${most} strings of ${range.min} to ${range.max} characters, got ${describe(value)}`,
      )
    },
  }
}

/** A whole number. */
export function integer(description: string, { min, max }: Range): Field<number> {
  return {
    schema: { type: 'integer', description, minimum: min, maximum: max },
    isRequired: true,
    read(value) {
      if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) return value as number
      throw new TypeError(`expected a whole number from ${min} to ${max}, got ${describe(value)}`)
    },
  }
}

/** Yes or no. */
export function flag(description: string): Field<boolean> {
  return {
    schema: { type: 'boolean', description },
    isRequired: true,
    read(value) {
      if (typeof value === 'boolean') return value
      throw new TypeError(`expected true or false, got ${describe(value)}`)
    },
  }
}

/** Lets a field be absent. */
export function optional<T>(field: Field<T>): Field<T | undefined> {
  return { ...field, isRequired: false, read: (value) => (value === undefined ? undefined : field.read(value)) }
}

/** Turns what a field holds into something else; what `turn` throws says why it cannot. */
export function refined<T, U>(field: Field<T>, turn: (value: T) => U): Field<U> {
  return { ...field, read: (value) => turn(field.read(value)) }
}

/** Is the value that a set of fields describes; optional ones are undefined where absent. */
export type ShapeOf<F extends Readonly<Record<string, Field<unknown>>>> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never
}

/**
 * Makes a Standard Schema of an object with exactly these fields. Built-in tools use it instead of `jsonSchema`, so that
 * programs that need nothing else never load a validator.
 */
export function shape<F extends Readonly<Record<string, Field<unknown>>>>(fields: F): JsonSchemaInput<ShapeOf<F>> {
  const known = Object.keys(fields)
  const json: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(known.map((key) => [key, fields[key]?.schema])),
    required: known.filter((key) => fields[key]?.isRequired),
    additionalProperties: false,
  }
  function validate(given: unknown): StandardSchemaV1.Result<ShapeOf<F>> {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      return { issues: [{ message: `expected an object with ${known.join(', ')}, got ${describe(given)}` }] }
    }
    const values = given as Readonly<Record<string, unknown>>
    const issues: StandardSchemaV1.Issue[] = Object.keys(values)
      .filter((key) => !Object.hasOwn(fields, key))
      .map((key) => ({ path: [key], message: `expected only ${known.join(', ')}` }))
    const value: Record<string, unknown> = {}
    for (const [key, field] of Object.entries(fields)) {
      try {
        value[key] = field.read(Object.hasOwn(values, key) ? values[key] : undefined)
      } catch (error) {
        issues.push({ path: [key], message: failureText(error) })
      }
    }
    return issues.length > 0 ? { issues } : { value: value as ShapeOf<F> }
  }
  return {
    '~standard': { version: 1, vendor: 'aios', validate, jsonSchema: { input: () => json, output: () => json } },
  }
}

/** Turns a whole valid input into something else; what `turn` throws says why it cannot. */
export function refinedShape<T, U>(base: JsonSchemaInput<T>, turn: (value: T) => U): JsonSchemaInput<U> {
  const { jsonSchema } = base['~standard']
  const validate = (given: unknown): StandardSchemaV1.Result<U> => {
    const result = base['~standard'].validate(given) as StandardSchemaV1.Result<T>
    if (result.issues !== undefined) return result
    try {
      return { value: turn(result.value) }
    } catch (error) {
      return { issues: [{ message: failureText(error) }] }
    }
  }
  return { '~standard': { version: 1, vendor: 'aios', validate, jsonSchema } }
}
