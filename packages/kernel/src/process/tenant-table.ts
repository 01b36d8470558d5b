import type { ProcessLimits } from '../limiter/process-limits.js'
import type { Quota } from '../limiter/quota.js'
import type { Tenant } from '../scheduler/policy.js'

/** Says what a tenant may have. */
export interface TenantOptions {
  /** Share of the tenant among all tenants, above 0. Default 1. */
  readonly weight?: number | undefined
  /** Bounds the LLM calls of all processes of the tenant together. Default: none. */
  readonly limits?: ProcessLimits | undefined
}

/** Keeps the tenants that have living processes, so that all processes of a tenant share one object. */
export class TenantTable {
  readonly #options: Readonly<Record<string, TenantOptions>>
  readonly #living = new Map<string, { readonly tenant: Tenant; trees: number }>()

  readonly #quotas = new Map<string, Quota>()

  constructor(options: Readonly<Record<string, TenantOptions>>) {
    this.#options = options
  }

  /** Returns the tenant of a new process tree. */
  enter(name: string): Tenant {
    let entry = this.#living.get(name)
    if (entry === undefined) {
      const weight = Object.hasOwn(this.#options, name) ? this.#options[name]?.weight : undefined
      entry = { tenant: Object.freeze({ name, weight: weight ?? 1 }), trees: 0 }
      this.#living.set(name, entry)
    }
    entry.trees += 1
    return entry.tenant
  }

  /** Returns the limits of a tenant, made once: they are to remember what it used when none of its processes lives. */
  quotaOf(name: string, make: (name: string, limits: ProcessLimits) => Quota): Quota | undefined {
    const limits = Object.hasOwn(this.#options, name) ? this.#options[name]?.limits : undefined
    if (limits === undefined) return undefined
    const quota = this.#quotas.get(name) ?? make(name, limits)
    this.#quotas.set(name, quota)
    return quota
  }

  /** Is told that the last process of a tree has ended. */
  leave(tenant: Tenant): void {
    const entry = this.#living.get(tenant.name)
    if (entry !== undefined && (entry.trees -= 1) === 0) this.#living.delete(tenant.name)
  }
}
