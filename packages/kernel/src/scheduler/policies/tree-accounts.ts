import type { Task, TaskTree } from '../policy.js'
import { TreeAccount } from './tree-account.js'

/** Keeps what a policy knows of process trees: of each until its last process has ended and its last call is over. */
export class TreeAccounts {
  readonly #accounts = new Map<number, TreeAccount>()
  /** The account that was entered last: a call that starts at once and is answered at once asks for it again. */
  #last: TreeAccount | undefined = undefined

  /** Returns the account of a tree that has just got one more task to wait or run. */
  enter(task: Task): TreeAccount {
    let account = this.find(task)
    if (account === undefined) {
      const { tree } = task.owner
      account = new TreeAccount(tree)
      this.#accounts.set(tree.id, account)
    }
    this.#last = account
    account.busy += 1
    return account
  }

  find({ owner: { tree } }: Pick<Task, 'owner'>): TreeAccount | undefined {
    return this.#last?.tree === tree ? this.#last : this.#accounts.get(tree.id)
  }

  /** Is told that a task stopped waiting or running. */
  leave(account: TreeAccount): void {
    account.busy -= 1
    this.forget(account.tree)
  }

  /** Drops the account of a tree of which nothing lives any more. */
  forget(tree: TaskTree): void {
    if (tree.living > 0) return
    const account = this.#accounts.get(tree.id)
    if (account === undefined || account.busy > 0) return
    this.#accounts.delete(tree.id)
    if (this.#last === account) this.#last = undefined
    for (let queue = account.queues; queue !== undefined; queue = queue.sibling) queue.order.lose()
  }
}
