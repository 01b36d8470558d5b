/** Tasks for testing what orders them, without a kernel. */
import type { Task, TaskOwner, TaskTree, Tenant } from '@aios/kernel'

/** Makes tasks whose ids grow; agents with the same name are the same, each a tree of its own. */
export function taskSource(): (agent?: string, given?: { priority?: number; queuedAt?: number }) => Task {
  const agents = new Map<string, TestOwner>()
  const tenant = { name: 'default', weight: 1 }
  let made = 0
  return (agent = 'a', given = {}) => {
    const owner = agents.get(agent) ?? new TestOwner(agents.size + 1, { name: agent, tenant })
    agents.set(agent, owner)
    return new TestTask((made += 1), owner, given)
  }
}

/** Is a process tree of which only policies know. */
export class TestTree implements TaskTree {
  readonly id: number
  readonly weight: number
  readonly tenant: Tenant
  living = 0

  constructor(id: number, weight: number, tenant: Tenant) {
    this.id = id
    this.weight = weight
    this.tenant = tenant
  }
}

/** Is a process of which only policies know: a root with a tree of its own, or a child. */
export class TestOwner implements TaskOwner {
  readonly pid: number
  readonly name: string
  readonly parent: TestOwner | undefined
  readonly tree: TestTree

  constructor(pid: number, given: { name?: string; parent?: TestOwner; weight?: number; tenant?: Tenant } = {}) {
    this.pid = pid
    this.name = given.name ?? `agent ${pid}`
    this.parent = given.parent
    this.tree =
      given.parent?.tree ?? new TestTree(pid, given.weight ?? 1, given.tenant ?? { name: 'default', weight: 1 })
    this.tree.living += 1
  }
}

/** Is a call of which only policies know. */
export class TestTask implements Task {
  readonly id: number
  readonly owner: TestOwner
  priority: number
  queuedAt: number
  readonly dueAt: number
  readonly inputTokens: number
  readonly kind: string | undefined
  next: Task | undefined = undefined
  previous: Task | undefined = undefined
  earlier: Task | undefined = undefined
  later: Task | undefined = undefined
  list: unknown = undefined

  constructor(
    id: number,
    owner: TestOwner,
    given: { priority?: number; queuedAt?: number; dueAt?: number; inputTokens?: number; kind?: string } = {},
  ) {
    this.id = id
    this.owner = owner
    this.priority = given.priority ?? 3
    this.queuedAt = given.queuedAt ?? 0
    this.dueAt = given.dueAt ?? Infinity
    this.inputTokens = given.inputTokens ?? 1
    this.kind = given.kind
  }
}
