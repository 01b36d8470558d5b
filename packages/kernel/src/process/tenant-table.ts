import type { Tenant } from '../scheduler/policy.js'

/** Says what a tenant may have. */
export interface TenantOptions {
  /** Share of the tenant among all tenants, above 0. Default 1. */
  readonly weight?: number | undefined
}

/** Keeps the tenants that have living processes, so that all processes of a tenant share one object. */
export class TenantTable {
  readonly #options: Readonly<Record<string, TenantOptions>>
  readonly #living = new Map<string, { readonly tenant: Tenant; trees: number }>()

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

  /** Is told that the last process of a tree has ended. */
  leave(tenant: Tenant): void {
    const entry = this.#living.get(tenant.name)
    if (entry !== undefined && (entry.trees -= 1) === 0) this.#living.delete(tenant.name)
  }
}
