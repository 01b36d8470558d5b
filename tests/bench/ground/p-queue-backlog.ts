import PQueue from 'p-queue'
import { NOTE } from './no-op-devices.js'
import { seededRandom } from '../../sampling/seeded-random.js'
import { nextTurn } from '../measure/next-turn.js'
import type { Backlog } from './steady-backlog.js'

/** Is a p-queue in which tasks wait, in eight priorities drawn at random. */
export class PQueueBacklog implements Backlog {
  readonly #queue: PQueue
  readonly #gates: ((value: unknown) => void)[] = []
  readonly #random = seededRandom(1)
  readonly #task = (): Promise<unknown> => new Promise((resolve) => void this.#gates.push(resolve))

  constructor(slots: number) {
    this.#queue = new PQueue({ concurrency: slots, autoStart: false })
  }

  add(priority = Math.floor(8 * this.#random())): void {
    void this.#queue.add(this.#task, { priority })
  }

  release(): boolean {
    const gate = this.#gates.shift()
    gate?.(NOTE)
    return gate !== undefined
  }

  /** Fills in the order of priority, which p-queue does at once; at random a million additions would take most of an hour. */
  async fill(length: number): Promise<void> {
    const all = length + this.#queue.concurrency
    for (let made = 0; made < all; made += 1) {
      this.add(7 - Math.floor((made * 8) / all))
      if (made % 20_000 === 0) await nextTurn()
    }
    this.#queue.start()
    await nextTurn()
  }
}
