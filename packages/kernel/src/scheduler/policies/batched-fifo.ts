import type { SchedulingPolicy, Task } from '../policy.js'
import { TaskList } from '../task-list.js'

/** Serves in order of arrival, but only at the end of an interval: what arrived in it is released together. */
export class BatchedFifo implements SchedulingPolicy {
  readonly ignoresPriority = true
  readonly #intervalMs: number
  readonly #held = new TaskList()
  readonly #released = new TaskList()
  /** When the first task came into the empty queue, and when what is held is released. */
  #since = 0
  #nextAt = 0

  /** @param intervalMs - above 0 */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs
  }

  get size(): number {
    return this.#held.size + this.#released.size
  }

  enqueue(task: Task, now: number): void {
    if (this.size === 0) {
      this.#since = now
      this.#nextAt = now + this.#intervalMs
    }
    this.#release(now)
    this.#held.push(task)
  }

  dequeue(now: number): Task | undefined {
    this.#release(now)
    return this.#released.shift()
  }

  remove(task: Task): boolean {
    return this.#released.remove(task) || this.#held.remove(task)
  }

  wakeAt(): number | undefined {
    return this.#released.size === 0 && this.#held.size > 0 ? this.#nextAt : undefined
  }

  #release(now: number): void {
    if (now < this.#nextAt) return
    for (let task = this.#held.shift(); task !== undefined; task = this.#held.shift()) this.#released.push(task)
    const intervals = Math.floor((now - this.#since) / this.#intervalMs) + 1
    this.#nextAt = this.#since + intervals * this.#intervalMs
  }
}
