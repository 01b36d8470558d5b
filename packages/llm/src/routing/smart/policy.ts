import type { JudgedEstimate } from './estimate.js'

/** Weighs quality against cost for one smart router. */
export interface SmartPolicy {
  /**
   * Returns one of some estimates; there is one at least.
   *
   * @param estimates - cores whose quality is known, in the order in which they were added
   */
  choose(estimates: readonly JudgedEstimate[]): JudgedEstimate
  /** Is told what an answer cost. */
  spent?(usd: number): void
}

/** Makes the policy of a router; immutable, so that it can be given to several. */
export interface PolicyMaker {
  readonly name: string
  create(): SmartPolicy
}
