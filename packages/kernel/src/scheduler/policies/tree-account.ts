import type { TaskTree } from '../policy.js'
import type { TreeQueue } from './tree-queue.js'

/** Is what a policy knows of one process tree. */
export class TreeAccount {
  readonly tree: TaskTree
  /** Tasks that wait or run; the account of a tree that has ended is kept until there are none. */
  busy = 0
  /** Its queues, one for each class where it has had tasks, linked through `sibling`. */
  queues: TreeQueue | undefined = undefined
  /** Service it was given in all classes, in weighted tokens. */
  attained = 0
  /** Milliseconds that its calls waited, and ran, since it was last preferred for having waited. */
  waitedMs = 0
  ranMs = 0
  /** When it was last preferred for having waited; waiting before that is settled. */
  preferredAt = Number.NEGATIVE_INFINITY
  #running = 0
  #runningSince = 0

  constructor(tree: TaskTree) {
    this.tree = tree
  }

  /** Counts the time that a call waited, up to when it got its slot. */
  waited(since: number, until: number): void {
    this.waitedMs += Math.max(0, until - Math.max(since, this.preferredAt))
  }

  /** Notes that it was preferred: from here on it has waited, and run, for nothing. */
  prefer(now: number): void {
    this.waitedMs = 0
    this.ranMs = 0
    this.preferredAt = now
  }

  /** Counts the time that its calls have run, all of them together, and that one began (1) or ended (-1). */
  tick(change: 1 | -1, now: number): void {
    this.ranMs += this.#running * Math.max(0, now - this.#runningSince)
    this.#runningSince = now
    this.#running = Math.max(0, this.#running + change)
  }
}
