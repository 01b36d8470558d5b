import type { Task } from '../policy.js'
import { TaskList } from '../task-list.js'
import type { TreeAccount } from './tree-account.js'
import type { TreeOrder } from './tree-order.js'
import type { Turn } from './turn-heap.js'

/** Holds the waiting tasks of one process tree in one class, oldest first, and its turn among the trees there. */
export class TreeQueue extends TaskList implements Turn {
  key = 0
  tie = 0
  at = -1
  readonly account: TreeAccount
  readonly order: TreeOrder
  /** The queue of the same tree in another class. */
  readonly sibling: TreeQueue | undefined
  /** Its other turn, among the trees that have waited too long for what they were served. */
  grievance: Grievance | undefined = undefined

  constructor(account: TreeAccount, order: TreeOrder) {
    super()
    this.account = account
    this.order = order
    this.sibling = account.queues
    account.queues = this
    order.members += 1
  }
}

/** Is the turn of a tree by what it has waited: `key` is the time from which it goes before all others. */
export class Grievance implements Turn {
  key = 0
  tie = 0
  at = -1
  readonly queue: TreeQueue

  constructor(queue: TreeQueue) {
    this.queue = queue
  }
}

/** Returns the queue that holds a task, or undefined if none does. */
export function treeQueueOf({ list }: Task): TreeQueue | undefined {
  return list instanceof TreeQueue ? list : undefined
}
