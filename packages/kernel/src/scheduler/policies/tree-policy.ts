import type { SchedulingPolicy, Service, Task, TaskOwner } from '../policy.js'
import { ageingStep } from './ageing.js'
import { ClassedPolicy } from './classed-policy.js'
import { TenantQueue, type TenantQueueSeed } from './tenant-queue.js'
import { TokenWeights, type ServiceOptions } from './token-weights.js'
import type { TreeAccount } from './tree-account.js'
import { TreeAccounts } from './tree-accounts.js'
import { rank } from './short-trees.js'

/** Is how a {@link TreePolicy} orders. */
export type TreePolicySeed = Omit<TenantQueueSeed, 'accounts'>

/** Is a policy that counts what process trees are served, and orders them by it. */
export class TreePolicy extends ClassedPolicy<TenantQueue> implements SchedulingPolicy {
  protected readonly accounts: TreeAccounts
  readonly #weights: TokenWeights

  constructor(options: ServiceOptions, seed: TreePolicySeed) {
    const accounts = new TreeAccounts()
    super(ageingStep(options), () => new TenantQueue({ ...seed, accounts }))
    this.accounts = accounts
    this.#weights = new TokenWeights(options)
  }

  started(task: Task, now: number): void {
    const account = this.accounts.enter(task)
    account.tick(1, now)
    this.charge(account, task, this.#weights.of({ inputTokens: task.inputTokens, outputTokens: 0 }))
  }

  served(task: Task, service: Service): void {
    const account = this.accounts.find(task)
    if (account !== undefined) this.charge(account, task, this.#weights.of(service))
  }

  settled(task: Task, now: number): void {
    const account = this.accounts.find(task)
    if (account === undefined) return
    account.tick(-1, now)
    rank(account)
    this.accounts.leave(account)
  }

  override forget(owner: TaskOwner): void {
    super.forget(owner)
    this.accounts.forget(owner.tree)
  }

  /** Counts service for a call that runs. */
  protected charge(account: TreeAccount, task: Task, service: number): void {
    this.queueOf(task).charge(account, service)
  }
}
