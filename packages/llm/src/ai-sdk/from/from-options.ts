import { checkOptions, option, type OptionField } from '@aios/kernel/driver'
import { CORE_FIELDS, type CoreOptions } from '../../core/core-options.js'

/**
 * Is what `fromAiSdk` takes after the model. Keys, addresses and `fetch` are the model's own. Unknown keys are rejected with
 * `AIOS_INVALID_OPTION`.
 */
export type FromAiSdkOptions = Pick<
  CoreOptions,
  'id' | 'limits' | 'price' | 'capabilities' | 'contextWindow' | 'maxOutputTokens' | 'timeoutMs' | 'headers'
>

const { id, limits, price, capabilities, contextWindow, maxOutputTokens, timeoutMs, headers } = CORE_FIELDS
const FIELDS: Readonly<Record<keyof FromAiSdkOptions, OptionField>> = {
  id,
  limits,
  price,
  capabilities,
  contextWindow,
  maxOutputTokens,
  timeoutMs,
  headers,
}

/** @throws AiosError `AIOS_INVALID_OPTION` */
export function checkFromOptions(options: unknown): void {
  checkOptions('fromAiSdk()', options, option.object(FIELDS))
}
