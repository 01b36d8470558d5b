import { option, type OptionField } from '../option/check-options.js'
import type { ContextStep } from './context-step.js'

/** Checks a list of steps. */
export const stepsField: OptionField = option.array(
  option.custom(
    'a step such as prune()',
    (step) =>
      // Every function has an `apply` and a `name`, too: prune instead of prune().
      typeof step === 'object' &&
      typeof (step as Partial<ContextStep> | null)?.apply === 'function' &&
      typeof (step as ContextStep).name === 'string',
  ),
)
