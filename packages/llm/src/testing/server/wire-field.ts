import { AiosError } from '@aios/kernel'
import { describeValue } from '@aios/kernel/driver'

/** Is a JSON object of which nothing is known. */
export type WireObject = Readonly<Record<string, unknown>>

/** Makes the error of a request that chat completions does not allow. */
export function badRequest(param: string, expected: string, got: unknown): AiosError {
  return new AiosError('AIOS_LLM_BAD_REQUEST', `Expected ${expected} for "${param}", got ${describeValue(got)}.`, {
    details: { param },
  })
}

/** Reads a field that must pass `isRight` if it is there; null counts as missing, as the API has it. */
export function field<T>(
  from: WireObject,
  [name, param]: readonly [name: string, param: string],
  { expected, isRight }: { readonly expected: string; readonly isRight: (value: unknown) => boolean },
): T | undefined {
  const value = from[name]
  if (value === undefined || value === null) return undefined
  if (!isRight(value)) throw badRequest(param, expected, value)
  return value as T
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Holds what fields may be. */
export const KINDS = {
  string: { expected: 'a string', isRight: (value: unknown) => typeof value === 'string' },
  number: { expected: 'a number', isRight: Number.isFinite },
  whole: {
    expected: 'a whole number from 1',
    isRight: (value: unknown) => Number.isSafeInteger(value) && (value as number) > 0,
  },
  integer: { expected: 'a whole number', isRight: Number.isSafeInteger },
  flag: { expected: 'true or false', isRight: (value: unknown) => typeof value === 'boolean' },
  list: { expected: 'an array', isRight: Array.isArray },
  object: { expected: 'an object', isRight: isObject },
} as const

/** Reads a field that must be there. */
export function needed<T>(value: T | undefined, param: string, expected: string): T {
  if (value === undefined) throw badRequest(param, expected, undefined)
  return value
}

/** Reads an object out of a list or field. */
export function objectAt(value: unknown, param: string): WireObject {
  if (!isObject(value)) throw badRequest(param, 'an object', value)
  return value as WireObject
}
