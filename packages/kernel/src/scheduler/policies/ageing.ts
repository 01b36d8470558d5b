import { DEFAULT_AGEING_MS } from '../../limits.js'
import { checkOptions, option, type OptionField } from '../../option/check-options.js'

/** Is the option that policies with priority classes share. */
export interface AgeingOptions {
  /** Milliseconds of waiting that raise a call by one class; `Infinity` never does. Default 10,000. */
  readonly ageingMs?: number
}

const isStep = (value: unknown): boolean => typeof value === 'number' && value > 0

/** Holds the check of {@link AgeingOptions}. */
export const AGEING_FIELDS: Readonly<Record<string, OptionField>> = {
  ageingMs: option.optional(option.custom('a number of milliseconds above 0', isStep)),
}

const OPTIONS = option.object(AGEING_FIELDS)

/** Checks the options of a policy that has no others. */
export function checkAgeing(policy: string, options: AgeingOptions): void {
  checkOptions(`${policy}()`, options, OPTIONS)
}

/** Returns the ageing step of checked options. */
export function ageingStep({ ageingMs }: AgeingOptions): number {
  return ageingMs ?? DEFAULT_AGEING_MS
}
