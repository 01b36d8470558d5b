import type { Task } from '../policy.js'
import { FairHeap } from './fair-heap.js'
import { TreeOrder } from './tree-order.js'
import type { TreeQueue } from './tree-queue.js'

/** Serves the tree first that was given least for its weight. */
export class FairTrees extends TreeOrder {
  readonly #trees = new FairHeap<TreeQueue>()

  get empty(): boolean {
    return this.#trees.first === undefined
  }

  peek(): Task | undefined {
    return this.#trees.first?.head
  }

  charge(queue: TreeQueue, service: number): void {
    this.#trees.charge(queue, service / queue.account.tree.weight, queue.at >= 0)
  }

  update(queue: TreeQueue): void {
    if (queue.at >= 0) this.#trees.moved(queue)
  }

  protected enter(queue: TreeQueue): void {
    this.#trees.enter(queue)
  }

  protected leave(queue: TreeQueue): void {
    this.#trees.leave(queue)
  }
}
