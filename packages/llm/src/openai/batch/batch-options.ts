import type { Clock } from '@aios/kernel'
import { checkOptions, option } from '@aios/kernel/driver'
import { CORE_FIELDS, type CoreOptions } from '../../core/core-options.js'
import { API, type OpenAiApi } from '../openai-options.js'

/** Is what `openaiBatch()` takes after the model. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface OpenAiBatchOptions extends Pick<
  CoreOptions,
  'apiKey' | 'baseURL' | 'headers' | 'fetch' | 'timeoutMs'
> {
  /** Which API answers the requests. Default `chat`. */
  readonly api?: OpenAiApi | undefined
  /** Bounds the silence of the provider, and dates what it says of its limits. Default: the system's. */
  readonly clock?: Clock | undefined
}

const FIELDS = option.object({
  apiKey: CORE_FIELDS.apiKey,
  baseURL: CORE_FIELDS.baseURL,
  headers: CORE_FIELDS.headers,
  fetch: CORE_FIELDS.fetch,
  timeoutMs: CORE_FIELDS.timeoutMs,
  api: API,
  clock: option.optional(option.record),
})
const MODEL = option.custom('the name of a model', (value) => option.name(value, '') === undefined)

/**
 * Checks the arguments of `openaiBatch()`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function checkBatchOptions(model: unknown, options: unknown): void {
  checkOptions('openaiBatch()', model, MODEL)
  checkOptions('openaiBatch()', options, FIELDS)
}
