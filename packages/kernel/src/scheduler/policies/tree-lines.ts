import type { Task, TaskTree } from '../policy.js'
import { ArrivalList } from './arrival-list.js'
import { Chain, type ChainMember } from './chain.js'

/** Holds the tasks of one tree in one class in order of arrival, and since when the tree waits to be served there. */
class TreeLine extends ArrivalList implements ChainMember<TreeLine> {
  readonly tree: TaskTree
  /** When its oldest task began to wait, or one of its tasks was served last, whichever is later. */
  since: number
  before: TreeLine | undefined = undefined
  after: TreeLine | undefined = undefined

  constructor(tree: TaskTree, since: number) {
    super()
    this.tree = tree
    this.since = since
  }
}

/** Most lines without a task that are kept for trees which live: one that calls again and again would make and drop its own each time. */
const SPARE_LINES = 4_096

/**
 * Keeps the trees that wait in one class, those first that have waited longest to be served. A tree with a thousand calls
 * waiting is served as it goes along: its thousandth call has no more claim to go before others than its second.
 */
export class TreeLines extends Chain<TreeLine> {
  readonly #lines = new Map<TaskTree, TreeLine>()
  /** Lines without a task. */
  #spare = 0

  /** Since when the tree waits that has waited longest; `Infinity` if none does. */
  get since(): number {
    return this.first?.since ?? Number.POSITIVE_INFINITY
  }

  /** The oldest task of that tree. */
  get oldest(): Task | undefined {
    return this.first?.oldest
  }

  /** The newest task of the tree that was served, or came, last. */
  get newest(): Task | undefined {
    return this.last?.newest
  }

  push(task: Task): void {
    const { tree } = task.owner
    let line = this.#lines.get(tree)
    if (line === undefined) {
      line = new TreeLine(tree, task.queuedAt)
      this.#lines.set(tree, line)
      this.append(line)
    } else if (line.oldest === undefined) {
      line.since = task.queuedAt
      this.#spare -= 1
      this.append(line)
    }
    line.push(task)
  }

  /** @param servedAt - when the task got its slot; undefined if it left without one */
  remove(task: Task, servedAt: number | undefined): void {
    const line = this.#lines.get(task.owner.tree) as TreeLine
    line.remove(task)
    if (line.oldest === undefined) {
      this.unlink(line)
      if (line.tree.living > 0 && this.#spare < SPARE_LINES) this.#spare += 1
      else this.#lines.delete(line.tree)
    } else if (servedAt !== undefined) {
      line.since = servedAt
      this.unlink(line)
      this.append(line)
    }
  }

  /** Is told that nothing of a tree lives any more. */
  forget(tree: TaskTree): void {
    if (this.#spare === 0 || this.#lines.get(tree)?.oldest !== undefined) return
    if (this.#lines.delete(tree)) this.#spare -= 1
  }
}
