import type { PolicyDefinition } from '../policy.js'
import { attainedDefinition, type AttainedOptions } from './attained-definition.js'
import { attainedPolicyFor } from './attained-policy.js'

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
  return attainedDefinition(options, { name: 'leastAttained', tenants: false, policyFor: attainedPolicyFor })
}
