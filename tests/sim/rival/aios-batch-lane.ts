import type { LaneHost, LaneLike } from '../engine/lane-like.js'
import type { SimTask } from '../engine/sim-task.js'

/** Milliseconds of the original's loop: a sleep of a second, and a poll that finds the queue empty for a tenth. */
const TICK_MS = 1_100

/**
 * Is the original's FIFO loop (AIOS at commit 2155966, `fifo_scheduler.py`): it sleeps, takes everything that waits as one
 * batch, and sleeps again only when the slowest call of the batch is back. Kinder than the original in two ways: a batch
 * closes although calls keep coming, and it has as many workers as the core has slots.
 */
export class AiosBatchLane implements LaneLike {
  readonly #slots: number
  readonly #host: LaneHost
  #waiting: SimTask[] = []
  #batch: SimTask[] = []
  #running = 0
  #asleepSince = 0
  #ticking = false

  constructor(slots: number, host: LaneHost) {
    this.#slots = slots
    this.#host = host
  }

  submit(task: SimTask, now: number): void {
    this.#waiting.push(task)
    if (this.#ticking || this.#running > 0) return
    this.#ticking = true
    const ticks = Math.floor((now - this.#asleepSince) / TICK_MS) + 1
    this.#tickAt(this.#asleepSince + ticks * TICK_MS)
  }

  settle(_task: SimTask, now: number): void {
    this.#running -= 1
    if (this.#running > 0 || this.#batch.length > 0) return
    this.#asleepSince = now
    if (this.#waiting.length === 0) return
    this.#ticking = true
    this.#tickAt(now + TICK_MS)
  }

  pump(now: number): void {
    while (this.#running < this.#slots) {
      const task = this.#batch.shift()
      if (task === undefined) return
      this.#running += 1
      this.#host.start(task, now)
    }
  }

  forget(): void {
    // It knows nothing of processes.
  }

  #tickAt(at: number): void {
    this.#host.at(at, (now) => {
      this.#ticking = false
      this.#batch = this.#waiting
      this.#waiting = []
      this.pump(now)
    })
  }
}
