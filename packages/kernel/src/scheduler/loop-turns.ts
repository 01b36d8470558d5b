import { PUMP_MS, PUMP_STARTS } from '../limits.js'

/** Starts after which the next turn of the event loop is asked for. */
const STARTS_BETWEEN = 64

/** Is what {@link LoopTurns} needs: something that runs when input and output had their turn, and whoever stopped for it. */
export interface Loop {
  defer(callback: () => void): void
  goOn(): void
}

/**
 * Sees to it that input and output have their turn. Starts are counted over pumps: a device that answers with promises
 * that are already kept is pumped from microtask to microtask, and no turn of the event loop comes between them by itself.
 * So every 64 starts the next turn is asked for, and only if that is long in coming does the pump stop for it.
 */
export class LoopTurns {
  readonly #loop: Loop
  #starts = 0
  #askedAt: number | undefined = undefined
  /** Whether the pump has stopped until the next turn. */
  waiting = false

  constructor(loop: Loop) {
    this.#loop = loop
  }

  /** Counts calls that start. */
  started(count: number): void {
    const starts = this.#starts + count
    // Several at once may pass a multiple of 64, at which the next turn is asked for.
    this.#starts = (starts ^ this.#starts) >= STARTS_BETWEEN ? starts - (starts % STARTS_BETWEEN) : starts
  }

  /** Whether the pump should stop here; it is called when it may go on. */
  isDue(now: number): boolean {
    if (this.#starts === 0 || this.#starts % STARTS_BETWEEN !== 0) return false
    if (this.#askedAt === undefined) {
      this.#askedAt = now
      this.#loop.defer(() => {
        this.#come()
      })
      return false
    }
    this.waiting = this.#starts >= PUMP_STARTS || now - this.#askedAt > PUMP_MS
    return this.waiting
  }

  #come(): void {
    this.#starts = 0
    this.#askedAt = undefined
    if (!this.waiting) return
    this.waiting = false
    this.#loop.goOn()
  }
}
