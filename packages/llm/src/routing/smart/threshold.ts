import { checkOptions, option } from '@aios/kernel/driver'
import { bestOf, costOf, type JudgedEstimate } from './estimate.js'
import type { PolicyMaker } from './policy.js'

/** Is what {@link threshold} takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface ThresholdOptions {
  /** Quality that is enough, from 0 to 1. Default 0.7. */
  readonly quality?: number | undefined
}

const OPTIONS = option.object({ quality: option.optional(option.number(0, 1)) })

/**
 * Makes the rule of AIOS's `SmartRouting`: the cheapest core that is expected to be good enough; if none is, the best.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function threshold(options: ThresholdOptions = {}): PolicyMaker {
  checkOptions('threshold()', options, OPTIONS)
  const { quality = 0.7 } = options
  const choose = (estimates: readonly JudgedEstimate[]): JudgedEstimate => {
    const enough = estimates.filter((each) => each.quality >= quality)
    const [first, ...others] = enough
    if (first === undefined) return bestOf(estimates) as JudgedEstimate
    return others.reduce((least, each) => (costOf(each) < costOf(least) ? each : least), first)
  }
  return Object.freeze({ name: 'threshold', create: () => ({ choose }) })
}
