import type { Task, TaskOwner, TaskTree, Tenant } from '@aios/kernel'
import type { Call, Program } from '../workload/program.js'

/** Is a simulated process. */
export class SimOwner implements TaskOwner {
  readonly pid: number
  readonly name: string
  readonly parent: SimOwner | undefined
  readonly tree: SimTree
  /** Calls of the process that are not back. */
  outstanding = 0

  constructor(pid: number, name: string, { parent, tree }: { parent: SimOwner | undefined; tree: SimTree }) {
    this.pid = pid
    this.name = name
    this.parent = parent
    this.tree = tree
    tree.living += 1
  }
}

/** Is a simulated process tree, and how far its program is. */
export class SimTree implements TaskTree {
  readonly id: number
  readonly weight = 1
  readonly tenant: Tenant
  readonly program: Program
  /** The process of the program itself, once it has arrived. */
  root: SimOwner | undefined = undefined
  living = 0
  step = 0
  /** Service the program will still ask for; only a clairvoyant policy looks at it. */
  remainingMs: number
  endedAt = Number.NaN

  constructor(id: number, program: Program, given: { readonly tenant: Tenant; readonly remainingMs: number }) {
    this.id = id
    this.program = program
    this.tenant = given.tenant
    this.remainingMs = given.remainingMs
  }
}

/** Is a simulated call. */
export class SimTask implements Task {
  next: Task | undefined = undefined
  previous: Task | undefined = undefined
  earlier: Task | undefined = undefined
  later: Task | undefined = undefined
  list: unknown = undefined
  readonly id: number
  readonly owner: SimOwner
  readonly call: Call
  readonly priority = 3
  readonly dueAt = Number.POSITIVE_INFINITY
  queuedAt: number
  /** Whether it was cut and goes on. */
  resumed = false

  constructor(id: number, owner: SimOwner, given: { readonly call: Call; readonly queuedAt: number }) {
    this.id = id
    this.owner = owner
    this.call = given.call
    this.queuedAt = given.queuedAt
  }

  get inputTokens(): number {
    return this.resumed ? 0 : this.call.input
  }
}
