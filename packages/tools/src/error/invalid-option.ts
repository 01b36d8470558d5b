import { AiosError } from '@aios/kernel/driver'
import { describe } from './describe.js'

/** Makes the error of an option: `Expected a positive integer for "timeoutMs" of defineTool, got -1.` */
export function invalidOption(what: string, where: string, got: unknown): AiosError {
  return new AiosError('AIOS_INVALID_OPTION', `Expected ${what} for ${where}, got ${describe(got)}.`)
}

/**
 * Throws unless `given` is an object whose keys are all known.
 *
 * @param given - what the caller passed
 * @param known - every key that has an effect
 * @param where - names the place in messages, such as `tools(list, options)`
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkKeys(given: unknown, known: readonly string[], where: string): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw invalidOption('an object', where, given)
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    const message = `Expected one of the keys ${known.join(', ')} for ${where}, got ${JSON.stringify(key)}.`
    throw new AiosError('AIOS_INVALID_OPTION', message)
  }
}
