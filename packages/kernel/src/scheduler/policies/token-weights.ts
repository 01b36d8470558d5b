import { option, type OptionField } from '../../option/check-options.js'
import type { Service } from '../policy.js'
import { AGEING_FIELDS, type AgeingOptions } from './ageing.js'

/** Says what a policy counts as service. */
export interface ServiceOptions extends AgeingOptions {
  /** What an input token counts, from 0. Default 1. */
  readonly inputWeight?: number
  /** What an output token counts, from 0. Default 4: the usual ratio of their prices. */
  readonly outputWeight?: number
}

const OUTPUT_WEIGHT = 4

/** Holds the checks of {@link ServiceOptions}. */
export const SERVICE_FIELDS: Readonly<Record<string, OptionField>> = {
  ...AGEING_FIELDS,
  inputWeight: option.optional(option.number(0)),
  outputWeight: option.optional(option.number(0)),
}

/** Turns tokens into service. */
export class TokenWeights {
  readonly #input: number
  readonly #output: number

  constructor(options: ServiceOptions) {
    this.#input = options.inputWeight ?? 1
    this.#output = options.outputWeight ?? OUTPUT_WEIGHT
  }

  /** Returns what tokens count. What is no finite number counts nothing: it would spoil every comparison after it. */
  of({ inputTokens, outputTokens }: Service): number {
    const service = this.#input * inputTokens + this.#output * outputTokens
    return Number.isFinite(service) ? service : 0
  }
}
