import type { PolicyDefinition, Task, TaskOwner } from '../policy.js'
import { attainedDefinition, type AttainedOptions } from './attained-definition.js'
import { rank } from './short-trees.js'
import type { TreeAccount } from './tree-account.js'
import { TreePolicy } from './tree-policy.js'
import { TurnHeap, type Turn } from './turn-heap.js'

/** Is the longest chain of service that leads to where a process is now; `key` is its length, negated. */
class Path implements Turn {
  key: number
  at = -1
  readonly tie: number

  constructor(owner: TaskOwner, length: number) {
    this.key = -length
    this.tie = owner.pid
  }
}

/** Holds the paths of one tree, the longest first. */
class TreePaths {
  readonly #paths = new Map<number, Path>()
  readonly #longest = new TurnHeap<Path>()
  /** Length of what has been joined by processes that had no path of their own. */
  #joined = 0

  get longest(): number {
    return Math.max(this.#joined, -(this.#longest.first?.key ?? 0))
  }

  /** Begins the path of a process where that of its nearest ancestor is now. */
  open(owner: TaskOwner): void {
    if (this.#paths.has(owner.pid)) return
    const path = new Path(owner, this.#lengthAbove(owner))
    this.#paths.set(owner.pid, path)
    this.#longest.push(path)
  }

  extend(owner: TaskOwner, service: number): void {
    const path = this.#paths.get(owner.pid)
    if (path === undefined) return
    path.key -= service
    this.#longest.moved(path)
  }

  /** Joins the path of a process that ended into that of its nearest ancestor, which goes on from there. */
  join(owner: TaskOwner): void {
    const path = this.#paths.get(owner.pid)
    if (path === undefined) return
    this.#paths.delete(owner.pid)
    this.#longest.remove(path)
    const above = this.#above(owner)
    if (above === undefined) this.#joined = Math.max(this.#joined, -path.key)
    else if (path.key < above.key) {
      above.key = path.key
      this.#longest.moved(above)
    }
  }

  #above(owner: TaskOwner): Path | undefined {
    for (let at = owner.parent; at !== undefined; at = at.parent) {
      const path = this.#paths.get(at.pid)
      if (path !== undefined) return path
    }
    return undefined
  }

  #lengthAbove(owner: TaskOwner): number {
    const above = this.#above(owner)
    return above === undefined ? this.#joined : -above.key
  }
}

class CriticalPathPolicy extends TreePolicy {
  readonly #trees = new Map<number, TreePaths>()

  override started(task: Task, now: number): void {
    let paths = this.#trees.get(task.owner.tree.id)
    if (paths === undefined) {
      paths = new TreePaths()
      this.#trees.set(task.owner.tree.id, paths)
    }
    paths.open(task.owner)
    super.started(task, now)
  }

  override settled(task: Task, now: number): void {
    super.settled(task, now)
    this.#clean(task)
  }

  override forget(owner: TaskOwner): void {
    this.#trees.get(owner.tree.id)?.join(owner)
    super.forget(owner)
    this.#clean({ owner })
  }

  protected override charge(account: TreeAccount, task: Task, service: number): void {
    const paths = this.#trees.get(account.tree.id)
    if (paths === undefined) return
    paths.extend(task.owner, service)
    account.attained = paths.longest
    rank(account)
  }

  #clean(task: Pick<Task, 'owner'>): void {
    if (this.accounts.find(task) === undefined) this.#trees.delete(task.owner.tree.id)
  }
}

/**
 * Serves first whose process tree has the shortest critical path: of agents that run side by side only the longest chain
 * counts, not the sum, and a chain goes on through the children a process has waited for. So a program that fans out is
 * not punished for it. Where agents do not trust each other use {@link hybrid}: here spawning side by side does gain.
 *
 * Ages and promotes like {@link leastAttained}. Source: ATLAS in Autellix, arXiv 2502.13965.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option, a negative weight, or an `ageingMs` or `promoteAfter` that is not above 0
 * @example
 * ```ts
 * import { createKernel, criticalPath } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { llm: criticalPath() } })
 * await kernel.close()
 * ```
 */
export function criticalPath(options: AttainedOptions = {}): PolicyDefinition {
  return attainedDefinition(options, { name: 'criticalPath', tenants: false, policyFor: () => CriticalPathPolicy })
}
