import type { Task } from '../policy.js'
import type { TurnQueue } from './classed-policy.js'
import { FairHeap } from './fair-heap.js'
import type { TreeAccount } from './tree-account.js'
import type { TreeAccounts } from './tree-accounts.js'
import type { TreeOrder } from './tree-order.js'
import { TreeQueue, treeQueueOf } from './tree-queue.js'
import { TurnHeap } from './turn-heap.js'

/** Is how a {@link TenantQueue} is made. */
export interface TenantQueueSeed {
  readonly accounts: TreeAccounts
  /** Whether tenants share by weight; otherwise all trees are one crowd. */
  readonly tenants: boolean
  /** Makes the order of the trees of one tenant. */
  readonly makeOrder: (home: TenantQueue, tenant: string) => TreeOrder
}

/** Is one priority class in which tenants share by weight, whatever their number of trees. */
export class TenantQueue implements TurnQueue {
  readonly #seed: TenantQueueSeed
  readonly #orders = new Map<string, TreeOrder>()
  readonly #waiting = new FairHeap<TreeOrder>()
  /** Tenants without a tree that were given more than others: kept, lest one clears its debt by ending and beginning anew. */
  readonly #owing = new TurnHeap<TreeOrder>()

  constructor(seed: TenantQueueSeed) {
    this.#seed = seed
  }

  get empty(): boolean {
    return this.#waiting.first === undefined
  }

  push(task: Task): void {
    const queue = this.#queueOf(this.#seed.accounts.enter(task))
    const { order } = queue
    order.add(queue, task)
    if (order.at >= 0) return
    order.tie = task.id
    this.#waiting.enter(order)
  }

  peek(now: number): Task | undefined {
    return this.#waiting.first?.peek(now)
  }

  take(task: Task, servedAt: number | undefined): boolean {
    const queue = treeQueueOf(task)
    if (queue?.order.home !== this) return false
    const { account, order } = queue
    if (servedAt !== undefined) {
      account.waited(task.queuedAt, servedAt)
      if (queue.grievance !== undefined && queue.grievance.key <= servedAt) account.prefer(servedAt)
    }
    order.drop(queue, task)
    if (order.empty) this.#waiting.leave(order)
    this.#seed.accounts.leave(account)
    return true
  }

  /** Counts service that a tree was given for a call of this class. */
  charge(account: TreeAccount, service: number): void {
    const queue = this.#queueOf(account)
    const { order } = queue
    order.charge(queue, service)
    if (this.#seed.tenants) this.#waiting.charge(order, service / account.tree.tenant.weight, order.at >= 0)
    this.#forgive()
  }

  /** Is told that no tree of a tenant is left. */
  abandon(order: TreeOrder): void {
    order.owing = true
    this.#owing.push(order)
    this.#forgive()
  }

  /** Drops the tenants whom the others have caught up with: they would be lifted as high as anybody new. */
  #forgive(): void {
    for (let order = this.#owing.first; order !== undefined; order = this.#owing.first) {
      if (order.key > this.#waiting.level) return
      this.#owing.remove(order)
      this.#orders.delete(order.tenant)
    }
  }

  #queueOf(account: TreeAccount): TreeQueue {
    for (let queue = account.queues; queue !== undefined; queue = queue.sibling)
      if (queue.order.home === this) return queue
    return new TreeQueue(account, this.#orderOf(this.#seed.tenants ? account.tree.tenant.name : ''))
  }

  #orderOf(tenant: string): TreeOrder {
    let order = this.#orders.get(tenant)
    if (order === undefined) {
      order = this.#seed.makeOrder(this, tenant)
      this.#orders.set(tenant, order)
    } else if (order.owing) {
      order.owing = false
      this.#owing.remove(order)
    }
    return order
  }
}
