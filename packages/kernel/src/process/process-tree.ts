import type { TaskTree, Tenant } from '../scheduler/policy.js'

/** Is what a root process and all its descendants share, detached ones too. */
export class ProcessTree implements TaskTree {
  readonly id: number
  readonly weight: number
  readonly tenant: Tenant
  /** Written by spawn and exit. */
  living = 0
  /** Name of the run, if somebody gave it one; written by spawn. */
  runId: string | undefined = undefined

  constructor(id: number, weight: number, tenant: Tenant) {
    this.id = id
    this.weight = weight
    this.tenant = tenant
  }
}
