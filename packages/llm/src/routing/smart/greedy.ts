import { checkOptions, option } from '@aios/kernel/driver'
import type { JudgedEstimate } from './estimate.js'
import type { PolicyMaker } from './policy.js'

/** Is what {@link greedy} takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface GreedyOptions {
  /** US dollars that a whole unit of quality, from useless to perfect, is worth; from 0. */
  readonly usdPerQuality: number
  /** US dollars that a second until the answer costs; from 0. Default 0. */
  readonly usdPerSecond?: number | undefined
}

const OPTIONS = option.object({ usdPerQuality: option.number(0), usdPerSecond: option.optional(option.number(0)) })

/**
 * Makes the greedy rule: the core with the greatest gain, being what its quality is worth less what it costs. A core
 * without a known price is only taken where all lack one; an unknown time costs nothing.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function greedy(options: GreedyOptions): PolicyMaker {
  checkOptions('greedy()', options, OPTIONS)
  const { usdPerQuality, usdPerSecond = 0 } = options
  const choose = (estimates: readonly JudgedEstimate[]): JudgedEstimate => {
    const priced = estimates.filter(({ usd }) => usd !== undefined)
    const [first, ...others] = priced.length === 0 ? estimates : priced
    const gain = ({ quality, usd = 0, latencyMs = 0 }: JudgedEstimate): number =>
      quality * usdPerQuality - usd - (latencyMs / 1_000) * usdPerSecond
    return others.reduce((best, each) => (gain(each) > gain(best) ? each : best), first as JudgedEstimate)
  }
  return Object.freeze({ name: 'greedy', create: () => ({ choose }) })
}
