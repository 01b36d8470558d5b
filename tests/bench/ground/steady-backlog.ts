import type { Contender } from '../measure/interleave.js'
import { nextTurn } from '../measure/next-turn.js'

/** Is something in which calls wait: one can be added, and one that runs can be let go. */
export interface Backlog {
  add(): void
  /** Lets a running call end; returns false if none runs. */
  release(): boolean
}

/**
 * Keeps a backlog at its length: adds a call for every one that ends, so that each costs an addition, a start and a
 * settlement.
 */
export function steady(name: string, backlog: Backlog, size: number): Contender {
  return {
    name,
    async batch() {
      let made = 0
      while (made < size) {
        for (; backlog.release(); made += 1) backlog.add()
        await nextTurn()
      }
      return made
    },
  }
}
