import type { LaneInfo, Slice, Task } from '../policy.js'
import { levelOf } from './short-trees.js'
import type { ServiceOptions } from './token-weights.js'
import { TreePolicy, type TreePolicySeed } from './tree-policy.js'

/** Levels, or priority classes, that a waiting task has to be ahead of a running one. */
const LEVELS_AHEAD = 2
/** Output tokens of a slice before that: a few words would not be worth a switch. */
const LEAST_SLICE = 32

/** Serves first what was served least, also at the cost of a running task: it gives its slot to one that is far ahead. */
export class AttainedPolicy extends TreePolicy {
  readonly #tenants: boolean
  /** Those that have a slot for having waited: whoever is ahead of them now was so before, and does not get it again. */
  readonly #due = new Set<Task>()

  constructor(options: ServiceOptions, seed: TreePolicySeed) {
    super(options, seed)
    this.#tenants = seed.tenants
  }

  override dequeue(now: number): Task | undefined {
    const isByAge = this.isByAge(now)
    const task = super.dequeue(now)
    if (task !== undefined && (isByAge || this.#isPreferred(task, now))) this.#due.add(task)
    return task
  }

  override settled(task: Task, now: number): void {
    this.#due.delete(task)
    super.settled(task, now)
  }

  preempts(task: Task, slice: Slice, now: number): boolean {
    if (slice.outputTokens < LEAST_SLICE || this.#due.has(task)) return false
    const next = this.next(now)
    if (next === undefined) return false
    const [ours, theirs] = [task.owner.tree, next.owner.tree]
    // Not as raised by waiting: else all that wait for long would cut each other.
    const ahead = next.priority - task.priority
    if (ahead >= LEVELS_AHEAD) return true
    if (ahead < 0 || ours === theirs) return false
    // Between tenants the shares decide, and those hold over whole calls.
    if (this.#tenants && ours.tenant.name !== theirs.tenant.name) return false
    const [running, waiting] = [this.accounts.find(task), this.accounts.find(next)]
    return running !== undefined && waiting !== undefined && levelOf(running) - levelOf(waiting) >= LEVELS_AHEAD
  }

  /** Whether it has just gone before all for what its tree waited. */
  #isPreferred(task: Task, now: number): boolean {
    return this.accounts.find(task)?.preferredAt === now
  }
}

/** Returns the policy that cuts where a lane saves the state of what it cuts, and lets all run out elsewhere. */
export function attainedPolicyFor({ resume }: LaneInfo): typeof TreePolicy {
  return resume === 'state' ? AttainedPolicy : TreePolicy
}
