import { AiosError, checkOptions, option } from '@aios/kernel/driver'
import { bestOf, costOf, isJudged, type CoreEstimate, type JudgedEstimate } from './estimate.js'
import { Knapsack } from './knapsack.js'

/** Bounds a batch: its cost, or its quality. */
export type BatchBound =
  | {
      /** US dollars that all of it may cost; quality is made as high as it goes. */
      readonly maxUsd: number
    }
  | {
      /** Mean quality that is wanted, from 0 to 1; cost is made as low as it goes. */
      readonly minQuality: number
    }

/** Is who serves which request of a batch. */
export interface Assignment {
  /** The core of each request, in the order of the requests. */
  readonly chosen: readonly CoreEstimate[]
  /** Expected cost of all, in US dollars. */
  readonly usd: number
  /** Expected mean quality. */
  readonly quality: number
  /** Whether the bound is kept; if it cannot be, the assignment comes as close as there is. */
  readonly feasible: boolean
  /** Whether no other assignment is better; a search that took too long ends with the best that it found. */
  readonly optimal: boolean
}

const BOUND = option.union(
  '{ maxUsd } or { minQuality }',
  option.object({ maxUsd: option.number(0) }),
  option.object({ minQuality: option.number(0, 1) }),
)

/**
 * Assigns the requests of a batch to cores as is best for all together (AIOS: the global optimum of `SmartRouting`): the
 * best quality for the money, or the least money for a quality. It is the multiple-choice knapsack, solved by branch and
 * bound.
 *
 * @param batch - for each request the estimates of its cores, which need a known quality and price to be considered
 * @throws AiosError `AIOS_INVALID_OPTION` for another bound, or a request without a core to be considered
 */
export function assignBatch(batch: readonly (readonly CoreEstimate[])[], bound: BatchBound): Assignment {
  checkOptions('assignBatch()', bound, BOUND)
  const classes = batch.map((estimates, at) => considered(estimates, at))
  const [value, weight, most] = 'maxUsd' in bound ? byCost(bound.maxUsd) : byQuality(classes, bound.minQuality)
  const { chosen, feasible, optimal } = new Knapsack(classes, { value, weight }).fill(most)
  return {
    chosen,
    usd: chosen.reduce((sum, each) => sum + costOf(each), 0),
    quality: chosen.reduce((sum, each) => sum + each.quality, 0) / Math.max(1, chosen.length),
    feasible,
    optimal,
  }
}

type Measure = (estimate: JudgedEstimate) => number

function considered(estimates: readonly CoreEstimate[], at: number): readonly JudgedEstimate[] {
  const known = estimates.filter(isJudged).filter(({ usd }) => usd !== undefined)
  if (known.length > 0) return known
  throw new AiosError(
    'AIOS_INVALID_OPTION',
    `Expected a core of known quality and price for request ${at} of the batch, got ${estimates.length} without. Give the router examples and prices.`,
  )
}

function byCost(maxUsd: number): readonly [Measure, Measure, number] {
  return [({ quality }) => quality, costOf, maxUsd]
}

/** What a core is worse than the best for its request weighs, and the mean says how much all may be worse. */
function byQuality(
  classes: readonly (readonly JudgedEstimate[])[],
  minQuality: number,
): readonly [Measure, Measure, number] {
  const best = new Map(
    classes.flatMap((estimates) => {
      const { quality } = bestOf(estimates) as JudgedEstimate
      return estimates.map((each) => [each, quality] as const)
    }),
  )
  const sum = classes.reduce((total, [first]) => total + (best.get(first as JudgedEstimate) ?? 0), 0)
  const weight: Measure = (each) => (best.get(each) ?? 0) - each.quality
  return [(each) => -costOf(each), weight, sum - minQuality * classes.length]
}
