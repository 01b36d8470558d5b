/** Is what a write comes to: whether its conditions held. */
type Outcome = { readonly isMade: boolean } | { readonly error: unknown }

/** Is a write that was handed to LMDB. */
interface Waiting {
  outcome: Outcome | undefined
  readonly settle: (outcome: Outcome) => void
}

/** Is who wants to know what a write comes to. */
export interface Asker {
  /** Called in the order of the commits, if its conditions held. */
  readonly made: () => void
  readonly resolve: (isMade: boolean) => void
  readonly reject: (error: unknown) => void
}

/** Settled ones that are kept before the list is cut. */
const MOST_SETTLED = 4_096

/** Lets writes settle in the order in which they were asked for, as they were committed, whatever promise comes first. */
export class CommitOrder {
  #waiting: Waiting[] = []
  /** Those at the beginning that settled. */
  #settled = 0

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return this.#waiting.length === 0
  }

  /**
   * Lets a write settle after those before it.
   *
   * @param committed - whether its conditions held, once it is committed
   */
  add(committed: Promise<boolean>, { made, resolve, reject }: Asker): void {
    const settle = (outcome: Outcome): void => {
      if ('error' in outcome) reject(outcome.error)
      else {
        if (outcome.isMade) made()
        resolve(outcome.isMade)
      }
    }
    const waiting: Waiting = { outcome: undefined, settle }
    this.#waiting.push(waiting)
    committed.then(
      (isMade) => {
        this.#note(waiting, { isMade })
      },
      (error: unknown) => {
        this.#note(waiting, { error })
      },
    )
  }

  /** Resolves when all that was asked before has settled. */
  idle(): Promise<void> {
    const last = this.#waiting.at(-1)
    if (last === undefined) return Promise.resolve()
    return new Promise((resolve) => {
      const settle = (): void => {
        resolve()
      }
      this.#waiting.push({ outcome: { isMade: true }, settle })
    })
  }

  #note(waiting: Waiting, outcome: Outcome): void {
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
    } else if (this.#settled > MOST_SETTLED) {
      this.#waiting = this.#waiting.slice(this.#settled)
      this.#settled = 0
    }
  }
}
