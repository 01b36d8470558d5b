import { AiosError } from '@aios/kernel'

/** Says what one option must be. */
export interface OptionRule {
  /** Completes the sentence "Expected …". */
  readonly expects: string
  accepts(value: unknown): boolean
  /** Keeps the value out of every message. */
  readonly isSecret?: boolean
}

/** Tells whether a value is an object with string keys: no array, no null. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Describes a value in a few words, long strings and objects by their size only. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'string') return value.length > 40 ? sizeOf(value) : JSON.stringify(value)
  if (typeof value === 'function') return 'a function'
  if (isRecord(value)) return `an object with ${Object.keys(value).length} keys`
  return String(value)
}

const sizeOf = (text: string): string => `a string of ${text.length} characters`

/** Makes the error for a value that an option, argument or script step cannot have. */
export function invalidOption(expects: string, where: string, got: string): AiosError {
  return new AiosError('AIOS_INVALID_OPTION', `Expected ${expects} for ${where}, got ${got}.`)
}

/**
 * Checks an options object against one rule a key; absent and undefined keys pass.
 *
 * @param owner - what takes the options, such as `openai()`
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key or a value that breaks its rule
 */
export function checkOptions(owner: string, options: unknown, rules: Readonly<Record<string, OptionRule>>): void {
  if (!isRecord(options)) throw invalidOption('an options object', owner, describe(options))
  for (const [key, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (rule === undefined) throw invalidOption(`only ${Object.keys(rules).join(', ')}`, owner, `the key "${key}"`)
    if (value === undefined || rule.accepts(value)) continue
    const got = rule.isSecret === true ? (typeof value === 'string' ? sizeOf(value) : typeof value) : describe(value)
    throw invalidOption(rule.expects, `"${key}" of ${owner}`, got)
  }
}

const isPositive = (value: unknown): boolean => typeof value === 'number' && value > 0

/** Holds the rules that options of several cores have in common. */
export const OPTION_RULES = {
  name: { expects: 'a string that is not empty', accepts: (value) => typeof value === 'string' && value !== '' },
  count: { expects: 'a positive integer', accepts: (value) => Number.isSafeInteger(value) && isPositive(value) },
  duration: {
    expects: 'a number of milliseconds, 0 or more',
    accepts: (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
  },
  object: { expects: 'an object', accepts: isRecord },
  flag: { expects: 'true or false', accepts: (value) => typeof value === 'boolean' },
} satisfies Record<string, OptionRule>
