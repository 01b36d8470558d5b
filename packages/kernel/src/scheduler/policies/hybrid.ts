import type { PolicyDefinition } from '../policy.js'
import { attainedDefinition, type AttainedOptions } from './attained-definition.js'
import { attainedPolicyFor } from './attained-policy.js'

/**
 * Lets tenants share by weight, whatever their number of process trees, as {@link fairShare} does; within a tenant short
 * programs pass long ones, as with {@link leastAttained}, also in that calls are cut on cores that save their state; between tenants none is. With
 * one tenant it is {@link leastAttained}.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option, a negative weight, or an `ageingMs` or `promoteAfter` that is not above 0
 * @example
 * ```ts
 * import { createKernel, hybrid } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { llm: hybrid() }, tenants: { paying: { weight: 3 } } })
 * await kernel.run(() => 'done', undefined, { name: 'helper', tenant: 'paying' })
 * await kernel.close()
 * ```
 */
export function hybrid(options: AttainedOptions = {}): PolicyDefinition {
  return attainedDefinition(options, { name: 'hybrid', tenants: true, policyFor: attainedPolicyFor })
}
