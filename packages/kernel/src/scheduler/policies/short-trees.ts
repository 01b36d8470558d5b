import type { Task } from '../policy.js'
import type { TenantQueue } from './tenant-queue.js'
import type { TreeAccount } from './tree-account.js'
import { TreeOrder } from './tree-order.js'
import { Grievance, type TreeQueue } from './tree-queue.js'
import { TurnHeap } from './turn-heap.js'

/** Service of the lowest level, in weighted tokens: about one short call, so that a tree leaves it with its first long one. */
const LEVEL_BASE = 1_000

/**
 * Serves the tree first that was given least in its life, in levels that double: within a level in order of arrival, so
 * that trees of like length do not wait on each other. A tree that has waited `promoteAfter` times what it ran goes before all.
 */
export class ShortTrees extends TreeOrder {
  readonly #trees = new TurnHeap<TreeQueue>()
  readonly #grievances = new TurnHeap<Grievance>()
  readonly #promoteAfter: number

  constructor(home: TenantQueue, tenant: string, promoteAfter: number) {
    super(home, tenant)
    this.#promoteAfter = promoteAfter
  }

  get empty(): boolean {
    return this.#trees.size === 0
  }

  peek(now: number): Task | undefined {
    const { first } = this.#grievances
    return first !== undefined && first.key <= now ? first.queue.head : this.#trees.first?.head
  }

  charge({ account }: TreeQueue, service: number): void {
    account.attained += service
    rank(account)
  }

  update(queue: TreeQueue): void {
    if (queue.at < 0) return
    queue.key = levelOf(queue.account)
    this.#trees.moved(queue)
    this.#complain(queue)
  }

  protected enter(queue: TreeQueue): void {
    queue.key = levelOf(queue.account)
    this.#trees.push(queue)
    this.#complain(queue)
  }

  protected leave(queue: TreeQueue): void {
    this.#trees.remove(queue)
    const { grievance } = queue
    if (grievance !== undefined && grievance.at >= 0) this.#grievances.remove(grievance)
  }

  /** Notes from when on the tree will have waited too long. One that never ran is in the lowest level anyway. */
  #complain(queue: TreeQueue): void {
    const { account, head } = queue
    if (head === undefined || this.#promoteAfter === Number.POSITIVE_INFINITY) return
    if (account.ranMs === 0 && queue.grievance === undefined) return
    const grievance = (queue.grievance ??= new Grievance(queue))
    grievance.key =
      account.ranMs === 0
        ? Number.POSITIVE_INFINITY
        : Math.max(head.queuedAt, account.preferredAt) + this.#promoteAfter * account.ranMs - account.waitedMs
    grievance.tie = head.id
    if (grievance.at < 0) this.#grievances.push(grievance)
    else this.#grievances.moved(grievance)
  }
}

/** Puts a tree in its place in all classes after its attained service or its times changed. */
export function rank(account: TreeAccount): void {
  for (let queue = account.queues; queue !== undefined; queue = queue.sibling) queue.order.update(queue)
}

/** Returns how often what a tree was served, for its weight, has doubled. */
export function levelOf({ attained, tree }: TreeAccount): number {
  return Math.floor(Math.log2(1 + Math.max(0, attained) / tree.weight / LEVEL_BASE))
}
