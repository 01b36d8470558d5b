import { checkOptions, option } from '../../option/check-options.js'
import type { LaneInfo, PolicyDefinition } from '../policy.js'
import { AttainedPolicy } from './attained-policy.js'
import { ShortTrees } from './short-trees.js'
import { SERVICE_FIELDS, type ServiceOptions } from './token-weights.js'
import { TreePolicy } from './tree-policy.js'

/** Are the options of policies that prefer what was served least. */
export interface AttainedOptions extends ServiceOptions {
  /**
   * How many times longer than it ran a process tree may wait before it goes first once; `Infinity` lets ageing alone
   * decide. Default 16.
   */
  readonly promoteAfter?: number
}

/** Waiting for what it ran after which a tree is preferred, where a policy is told nothing else. */
export const PROMOTE_AFTER = 16

const isFactor = (value: unknown): boolean => typeof value === 'number' && value > 0

/** Holds the check of {@link AttainedOptions}. */
export const ATTAINED_OPTIONS = option.object({
  ...SERVICE_FIELDS,
  promoteAfter: option.optional(option.custom('a number above 0', isFactor)),
})

/**
 * Serves first whose process tree was served least in its life, in levels that double. Short programs pass long ones
 * without anybody saying how long they are; within a level the order is that of arrival. All trees are one crowd: with
 * several tenants see {@link hybrid}. A tree that spawns a thousand agents counts as what they were served together.
 *
 * On a core that saves its state (`resume: 'state'`) a call that runs gives its slot to one that is two levels, or two
 * classes, ahead, and goes on later. On others it runs out: to be told what was said costs more than it brings.
 *
 * Ages like {@link roundRobin}. Source: PLAS in Autellix, arXiv 2502.13965.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option, a negative weight, or an `ageingMs` or `promoteAfter` that is not above 0
 * @example
 * ```ts
 * import { createKernel, leastAttained } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { llm: leastAttained({ outputWeight: 5 }) } })
 * await kernel.close()
 * ```
 */
export function leastAttained(options: AttainedOptions = {}): PolicyDefinition {
  checkOptions('leastAttained()', options, ATTAINED_OPTIONS)
  const given = { ...options }
  const patience = given.promoteAfter ?? PROMOTE_AFTER
  return Object.freeze({
    name: 'leastAttained',
    create: ({ resume }: LaneInfo) => {
      const Policy = resume === 'state' ? AttainedPolicy : TreePolicy
      return new Policy(given, {
        tenants: false,
        makeOrder: (home, tenant) => new ShortTrees(home, tenant, patience),
      })
    },
  })
}
