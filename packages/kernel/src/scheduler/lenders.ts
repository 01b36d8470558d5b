import { PRIORITY_CLASSES } from '../limits.js'
import { ClassBitmap } from './policies/class-bitmap.js'

/** Counts, by priority, the calls that wait for one thing: by what they have now, and by what they have of their own. */
export class Lenders {
  readonly #now = new PriorityCount()
  readonly #own = new PriorityCount()

  /** Highest priority of a call that waits; -1 if none does. */
  get highest(): number {
    return this.#now.highest
  }

  /** The same without what was lent to those calls, perhaps in a circle by what they wait for. */
  get highestOwn(): number {
    return this.#own.highest
  }

  add(now: number, own: number): void {
    this.#now.add(now)
    this.#own.add(own)
  }

  delete(now: number, own: number): void {
    this.#now.delete(now)
    this.#own.delete(own)
  }
}

/** Counts things by priority. */
class PriorityCount {
  readonly #counts: number[] = Array.from({ length: PRIORITY_CLASSES }, () => 0)
  readonly #bitmap = new ClassBitmap()

  get highest(): number {
    return this.#bitmap.highest()
  }

  add(priority: number): void {
    this.#counts[priority] = (this.#counts[priority] as number) + 1
    this.#bitmap.add(priority)
  }

  delete(priority: number): void {
    const left = (this.#counts[priority] as number) - 1
    this.#counts[priority] = left
    if (left === 0) this.#bitmap.delete(priority)
  }
}
