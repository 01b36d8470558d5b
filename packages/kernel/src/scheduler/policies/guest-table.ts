import type { TaskOwner, TaskTree } from '../policy.js'
import { IdleSet } from './idle-set.js'

/** Is an agent that is known by its name alone: a tree of one process. */
export class GuestOwner implements TaskOwner, TaskTree {
  readonly pid: number
  readonly name: string
  readonly parent = undefined
  readonly weight = 1
  readonly tenant: { readonly name: string; readonly weight: number }
  living = 1
  /** Runs that wait or run. */
  busy = 0

  constructor(pid: number, name: string, tenant: string) {
    this.pid = pid
    this.name = name
    this.tenant = { name: tenant, weight: 1 }
  }

  get id(): number {
    return this.pid
  }

  get tree(): TaskTree {
    return this
  }
}

/** Keeps the agents of a queue that is told only their names; who never says that one has ended keeps the last 1,024 idle. */
export class GuestTable {
  readonly #guests = new Map<string, GuestOwner>()
  readonly #idle = new IdleSet<GuestOwner>()
  readonly #onGone: (owner: GuestOwner) => void
  #made = 0

  constructor(onGone: (owner: GuestOwner) => void) {
    this.#onGone = onGone
  }

  /** Returns the agent of a new run. */
  enter(name: string, tenant: string): GuestOwner {
    const key = keyOf(name, tenant)
    let guest = this.#guests.get(key)
    if (guest === undefined) {
      guest = new GuestOwner((this.#made += 1), name, tenant)
      this.#guests.set(key, guest)
    }
    if (guest.busy === 0) this.#idle.delete(guest)
    guest.busy += 1
    return guest
  }

  /** Is told that a run is over or was taken out. */
  leave(guest: GuestOwner): void {
    guest.busy -= 1
    if (guest.busy > 0) return
    const gone = this.#idle.add(guest)
    if (gone === undefined) return
    this.#guests.delete(keyOf(gone.name, gone.tenant.name))
    gone.living = 0
    this.#onGone(gone)
  }
}

function keyOf(name: string, tenant: string): string {
  return JSON.stringify([tenant, name])
}
