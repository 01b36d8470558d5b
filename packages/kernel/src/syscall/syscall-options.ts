import { NAME_CHARS } from '../limits.js'
import { mismatch, optional, real, shape, whole, wholeText, type Validate } from './shape.js'

const abortSignal: Validate = (value, path) =>
  typeof (value as AbortSignal | undefined)?.addEventListener === 'function' &&
  typeof (value as AbortSignal).aborted === 'boolean'
    ? undefined
    : mismatch('an AbortSignal', path, value)

/** Accepts an `AbortSignal`. */
export const signalOption: Validate = abortSignal

/** Accepts a priority. */
export const priorityOption: Validate = whole(0, 7)

/** Accepts a duration in milliseconds. */
export const durationOption: Validate = real(0, Number.POSITIVE_INFINITY)

const idempotencyKey: Validate = (value, path) =>
  typeof value === 'string' && value !== '' && value.length <= NAME_CHARS
    ? wholeText(value, path)
    : mismatch(`a string of 1 to ${NAME_CHARS} characters`, path, value)

const options = shape({
  signal: optional(abortSignal),
  deadlineMs: optional(durationOption),
  priority: optional(priorityOption),
  idempotencyKey: optional(idempotencyKey),
})

/** Returns what is wrong with the options of a syscall, if anything. */
export function optionsProblem(given: unknown): string | undefined {
  return options(given, '')
}
