import type { Task } from '../policy.js'
import type { TenantQueue } from './tenant-queue.js'
import type { TreeQueue } from './tree-queue.js'
import type { Turn } from './turn-heap.js'

/** Orders the trees of one tenant in one class; it has itself a turn among the tenants there. */
export abstract class TreeOrder implements Turn {
  key = 0
  tie = 0
  at = -1
  /** Trees that have had tasks here and are not forgotten. */
  members = 0
  /** Whether it is kept, with nothing waiting, only for what it owes. */
  owing = false
  readonly home: TenantQueue
  readonly tenant: string

  constructor(home: TenantQueue, tenant: string) {
    this.home = home
    this.tenant = tenant
  }

  /** Whether no task waits. */
  abstract readonly empty: boolean

  /** Returns the task of the tree whose turn it is; only asked when one waits. */
  abstract peek(now: number): Task | undefined

  /** Counts service that a tree was given, which moves its turn. */
  abstract charge(queue: TreeQueue, service: number): void

  /** Puts the turns of a tree in their place after times or service of it changed. */
  abstract update(queue: TreeQueue): void

  /** Adds a tree that had no task waiting and has one now. */
  protected abstract enter(queue: TreeQueue): void

  /** Removes a tree whose last task went. */
  protected abstract leave(queue: TreeQueue): void

  add(queue: TreeQueue, task: Task): void {
    queue.push(task)
    if (queue.size > 1) return
    queue.tie = task.id
    this.enter(queue)
  }

  drop(queue: TreeQueue, task: Task): void {
    queue.remove(task)
    const { head } = queue
    if (head === undefined) this.leave(queue)
    else if (head.id !== queue.tie) {
      queue.tie = head.id
      this.update(queue)
    }
  }

  /** Is told that one of its trees is forgotten. */
  lose(): void {
    this.members -= 1
    if (this.members === 0) this.home.abandon(this)
  }
}
