import { checkOptions, option } from '../../option/check-options.js'
import type { PolicyDefinition } from '../policy.js'
import { FairTrees } from './fair-trees.js'
import { SERVICE_FIELDS, type ServiceOptions } from './token-weights.js'
import { TreePolicy } from './tree-policy.js'

const OPTIONS = option.object(SERVICE_FIELDS)

/**
 * Gives tenants equal service, in tokens, by their weights, and within a tenant its process trees by theirs. Input counts
 * when a call starts, output as it streams. A tenant or tree that was idle has saved up nothing. Two that always have
 * calls waiting in a class are never further apart than `2 * max(inputWeight * Lin, outputWeight * M) / weight` tokens:
 * `Lin` the longest input, `M` the most tokens that run at once. A tree that spawns a thousand agents gets what it got with one.
 *
 * Ages like {@link roundRobin}. Source: VTC, arXiv 2401.00588, in two levels.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option, a negative weight or an `ageingMs` that is not above 0
 * @example
 * ```ts
 * import { createKernel, fairShare } from '@aios/kernel'
 *
 * const kernel = await createKernel({
 *   policies: { llm: fairShare() },
 *   tenants: { paying: { weight: 3 }, trial: { weight: 1 } },
 * })
 * await kernel.close()
 * ```
 */
export function fairShare(options: ServiceOptions = {}): PolicyDefinition {
  checkOptions('fairShare()', options, OPTIONS)
  const given = { ...options }
  return Object.freeze({
    name: 'fairShare',
    create: () => new TreePolicy(given, { tenants: true, makeOrder: (home, tenant) => new FairTrees(home, tenant) }),
  })
}
