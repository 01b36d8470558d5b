import { AiosError } from '../error/aios-error.js'
import { errorText } from '../error/error-text.js'

/** Says in a line why a step failed: the code, where there is one, and the message. */
export function failureOf(error: unknown): string {
  return AiosError.is(error) ? `${error.code}: ${error.message}` : errorText(error)
}
