import type { TaskTree, Tenant } from '../scheduler/policy.js'

/** Is what a root process and all its descendants share, detached ones too. */
export class ProcessTree implements TaskTree {
  readonly id: number
  readonly weight: number
  readonly tenant: Tenant
  /** Written by spawn and exit. */
  living = 0

  constructor(id: number, weight: number, tenant: Tenant) {
    this.id = id
    this.weight = weight
    this.tenant = tenant
  }
}
