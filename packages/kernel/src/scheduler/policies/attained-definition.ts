import { checkOptions, option } from '../../option/check-options.js'
import type { LaneInfo, PolicyDefinition, SchedulingPolicy } from '../policy.js'
import { ShortTrees } from './short-trees.js'
import { SERVICE_FIELDS, type ServiceOptions } from './token-weights.js'
import type { TreePolicySeed } from './tree-policy.js'

/** Are the options of policies that prefer what was served least. */
export interface AttainedOptions extends ServiceOptions {
  /**
   * How many times longer than it ran a process tree may wait before it goes first once; `Infinity` lets ageing alone
   * decide. Default 16.
   */
  readonly promoteAfter?: number
}

/** Waiting for what it ran after which a tree is preferred, where a policy is told nothing else. */
const PROMOTE_AFTER = 16

const isFactor = (value: unknown): boolean => typeof value === 'number' && value > 0
const OPTIONS = option.object({
  ...SERVICE_FIELDS,
  promoteAfter: option.optional(option.custom('a number above 0', isFactor)),
})

/** Is what tells the policies apart that prefer short trees. */
export interface AttainedSeed {
  readonly name: string
  /** Whether tenants share by weight; else all trees are one crowd. */
  readonly tenants: boolean
  /** Chooses the policy of a lane by how its calls go on after a cut. */
  readonly policyFor: (lane: LaneInfo) => new (options: ServiceOptions, seed: TreePolicySeed) => SchedulingPolicy
}

/** Defines a policy within whose tenants short trees pass long ones. */
export function attainedDefinition(
  options: AttainedOptions,
  { name, tenants, policyFor }: AttainedSeed,
): PolicyDefinition {
  checkOptions(`${name}()`, options, OPTIONS)
  const given = { ...options }
  const patience = given.promoteAfter ?? PROMOTE_AFTER
  return Object.freeze({
    name,
    create: (lane: LaneInfo) => {
      const Policy = policyFor(lane)
      return new Policy(given, { tenants, makeOrder: (home, tenant) => new ShortTrees(home, tenant, patience) })
    },
  })
}
