/** Is a write that was handed to LMDB. */
interface Waiting {
  outcome: { readonly isMade: boolean } | { readonly error: unknown } | undefined
  readonly settle: (outcome: { readonly isMade: boolean } | { readonly error: unknown }) => void
}

/** Lets writes settle in the order in which they were asked for, as they were committed, whatever promise comes first. */
export class CommitOrder {
  #waiting: Waiting[] = []
  /** Those at the beginning that settled. */
  #settled = 0
  #idle: (() => void)[] = []

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return this.#waiting.length === 0
  }

  /**
   * Waits for a write, and for those before it.
   *
   * @param committed - whether its conditions held, once it is committed
   * @param made - called in the order of the commits, if they did
   */
  add(committed: Promise<boolean>, made: () => void): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        outcome: undefined,
        settle: (outcome) => {
          if ('error' in outcome) {
            reject(outcome.error)
            return
          }
          if (outcome.isMade) made()
          resolve(outcome.isMade)
        },
      }
      this.#waiting.push(waiting)
      committed.then(
        (isMade) => {
          this.#note(waiting, { isMade })
        },
        (error: unknown) => {
          this.#note(waiting, { error })
        },
      )
    })
  }

  /** Resolves when all that was asked before has settled. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle.push(resolve)
    })
  }

  #note(waiting: Waiting, outcome: NonNullable<Waiting['outcome']>): void {
    waiting.outcome = outcome
    for (;;) {
      const first = this.#waiting[this.#settled]
      if (first?.outcome === undefined) break
      this.#settled += 1
      first.settle(first.outcome)
    }
    if (this.#settled === this.#waiting.length) {
      this.#waiting = []
      this.#settled = 0
      for (const resolve of this.#idle.splice(0)) resolve()
    } else if (this.#settled > 4_096) {
      this.#waiting = this.#waiting.slice(this.#settled)
      this.#settled = 0
    }
  }
}
