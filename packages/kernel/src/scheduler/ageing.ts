import { AiosError } from '../error/aios-error.js'
import { expected } from '../error/describe.js'
import { DEFAULT_AGEING_MS } from '../limits.js'

/** Is the option that policies with priority classes share. */
export interface AgeingOptions {
  /** Milliseconds of waiting that raise a call by one class; `Infinity` never does. Default 10,000. */
  readonly ageingMs?: number
}

/** Returns the ageing step of checked options. */
export function ageingStep(options: AgeingOptions): number {
  for (const key of Object.keys(options)) {
    if (key !== 'ageingMs')
      throw new AiosError('AIOS_INVALID_OPTION', `Expected only the option "ageingMs", got "${key}".`)
  }
  const step = options.ageingMs === undefined ? DEFAULT_AGEING_MS : options.ageingMs
  if (typeof step !== 'number' || !(step > 0)) {
    throw new AiosError('AIOS_INVALID_OPTION', expected('a number of milliseconds above 0', 'ageingMs', step))
  }
  return step
}
