import { DEFAULT_PRIORITY } from '../limits.js'
import { ProcessTree } from '../process/process-tree.js'
import { LinkedTask } from '../scheduler/linked-task.js'
import type { Task, TaskOwner, Tenant } from '../scheduler/policy.js'

/** Is what a {@link TestOwner} may be made with. */
export interface TestOwnerSeed {
  /** Default `agent` and its pid. */
  readonly name?: string
  /** Default none: it is the root of a tree of its own. */
  readonly parent?: TestOwner | undefined
  /** Of its tree. Default 1. */
  readonly weight?: number
  readonly tenant?: Tenant
}

/** Is a process of which only policies know: a root with a tree of its own, or a child. */
export class TestOwner implements TaskOwner {
  readonly pid: number
  readonly name: string
  readonly parent: TestOwner | undefined
  readonly tree: ProcessTree

  constructor(pid: number, { name = `agent ${pid}`, parent, weight = 1, tenant }: TestOwnerSeed = {}) {
    this.pid = pid
    this.name = name
    this.parent = parent
    this.tree = parent?.tree ?? new ProcessTree(pid, weight, tenant ?? { name: 'default', weight: 1 })
    this.tree.living += 1
  }
}

/** Is a call of which only policies know. */
export class TestTask extends LinkedTask implements Task {
  readonly id: number
  readonly owner: TestOwner
  priority: number
  queuedAt: number
  readonly dueAt: number
  readonly inputTokens: number
  readonly kind: string | undefined

  constructor(
    id: number,
    owner: TestOwner,
    given: Partial<Pick<Task, 'priority' | 'queuedAt' | 'dueAt' | 'inputTokens' | 'kind'>> = {},
  ) {
    super()
    this.id = id
    this.owner = owner
    this.priority = given.priority ?? DEFAULT_PRIORITY
    this.queuedAt = given.queuedAt ?? 0
    this.dueAt = given.dueAt ?? Number.POSITIVE_INFINITY
    this.inputTokens = given.inputTokens ?? 1
    this.kind = given.kind
  }
}
