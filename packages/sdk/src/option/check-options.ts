import { AiosError } from '@aios/kernel'

/** Says in one sentence what a key of an options object must hold, and tells whether a value does. */
export interface OptionRule {
  /** Such as `a positive integer`. */
  readonly expected: string
  matches(value: unknown): boolean
}

/** Holds the rules that several options share. */
export const RULES = {
  text: { expected: 'a string', matches: (value) => typeof value === 'string' },
  texts: {
    expected: 'an array of strings',
    matches: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  },
  count: { expected: 'a positive integer', matches: (value) => Number.isInteger(value) && (value as number) > 0 },
  temperature: {
    expected: 'a number from 0 to 2',
    matches: (value) => typeof value === 'number' && value >= 0 && value <= 2,
  },
  call: { expected: 'a function', matches: (value) => typeof value === 'function' },
  object: { expected: 'an object', matches: (value) => typeof value === 'object' && value !== null },
} as const satisfies Record<string, OptionRule>

/**
 * Checks an options object key by key. A key whose value is undefined counts as absent.
 *
 * @param owner - what takes the options, for the message, such as `react`
 * @param options - what the caller passed
 * @param rules - one row per key that exists
 * @throws AiosError `AIOS_INVALID_OPTION` for anything but a plain object, an unknown key, or a value that breaks its rule
 */
export function checkOptions(owner: string, options: unknown, rules: Readonly<Record<string, OptionRule>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new AiosError('AIOS_INVALID_OPTION', `Expected an options object for ${owner}, got ${shown(options)}.`)
  }
  for (const [key, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    if (rule === undefined) {
      const known = Object.keys(rules).join(', ')
      throw new AiosError('AIOS_INVALID_OPTION', `Expected options of ${owner} (${known}), got "${key}".`)
    }
    if (value !== undefined && !rule.matches(value)) {
      const message = `Expected ${rule.expected} for "${key}" of ${owner}, got ${shown(value)}.`
      throw new AiosError('AIOS_INVALID_OPTION', message)
    }
  }
}

/** Names a value without printing all of it. */
function shown(value: unknown): string {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string')
    return value.length > 40 ? `a string of ${value.length} characters` : JSON.stringify(value)
  return Array.isArray(value) ? 'an array' : typeof value
}
