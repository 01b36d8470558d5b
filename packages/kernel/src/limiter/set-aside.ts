/** Most calls set aside at once. */
export const MOST_ASIDE = 8
/** Most calls that may pass one that was set aside. */
export const MOST_PASSES = 8

/** Is a call that was its turn and did not fit, with the number of calls that went before it since. */
interface Aside<T> {
  readonly item: T
  passes: number
}

/** Is where calls come from, and whether one may go. */
export interface Gate<T> {
  /** Takes the next call of the policy out of it; undefined if none is left. */
  next(): T | undefined
  /** Lets a call go now and returns 0, or returns the milliseconds after which to ask again. */
  reserve(item: T): number
}

/** Says what came of looking for a call: one that may go, or how long nothing can. */
export type Choice<T> = { readonly item: T } | { readonly item?: undefined; readonly waitMs: number }

/**
 * Lets calls that fit a limit pass those that do not, within bounds: up to eight calls are set aside, and up to eight pass
 * each of them. Then nothing passes it, so that the largest call of all is sent too. Nothing is ever lost in here.
 */
export class SetAside<T> {
  readonly #asides: Aside<T>[] = []

  /** Number of calls set aside. */
  get size(): number {
    return this.#asides.length
  }

  /** Returns the next call that may go, of those set aside first, then of those to come. */
  take(gate: Gate<T>): Choice<T> {
    let waitMs = Number.POSITIVE_INFINITY
    for (const [index, aside] of this.#asides.entries()) {
      const wait = gate.reserve(aside.item)
      if (wait === 0) {
        this.#asides.splice(index, 1)
        return this.#passing(aside.item, index)
      }
      waitMs = Math.min(waitMs, wait)
      if (aside.passes >= MOST_PASSES) return { waitMs }
    }
    while (this.#asides.length < MOST_ASIDE) {
      const item = gate.next()
      if (item === undefined) break
      const wait = gate.reserve(item)
      if (wait === 0) return this.#passing(item, this.#asides.length)
      waitMs = Math.min(waitMs, wait)
      this.#asides.push({ item, passes: 0 })
    }
    return { waitMs }
  }

  /** Takes a call out; returns whether it was here. */
  remove(item: T): boolean {
    const index = this.#asides.findIndex((aside) => aside.item === item)
    if (index >= 0) this.#asides.splice(index, 1)
    return index >= 0
  }

  /** Takes all calls out, oldest first. */
  drain(): T[] {
    return this.#asides.splice(0).map(({ item }) => item)
  }

  /** Counts a call that goes before the first `count` of those set aside. */
  #passing(item: T, count: number): Choice<T> {
    for (let index = 0; index < count; index += 1) (this.#asides[index] as Aside<T>).passes += 1
    return { item }
  }
}
