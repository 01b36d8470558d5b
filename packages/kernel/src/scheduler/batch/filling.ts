import type { Syscall } from '../../syscall/syscall.js'
import { Alarm, type Later } from '../../time/alarm.js'
import { TaskList } from '../task-list.js'
import { Batch } from './batch.js'
import type { FullBatchRow } from './batch-row.js'

/** Is what a {@link Filling} needs of its lane. */
export interface FillingLane {
  readonly later: Later
  /** Starts what may go now. */
  wake(): void
}

/** Gathers calls of one row until they are to start: the batch that fills. It is there while it is empty, too. */
export class Filling {
  readonly #name: string
  readonly #row: FullBatchRow
  #members = new TaskList()
  /** When the member that has waited longest began to wait. */
  #oldestAt = Number.POSITIVE_INFINITY
  /** Rings when the batch has waited long enough. */
  readonly #alarm: Alarm

  constructor(name: string, row: FullBatchRow, lane: FillingLane) {
    this.#name = name
    this.#row = row
    this.#alarm = new Alarm(lane.later, () => {
      lane.wake()
    })
  }

  get size(): number {
    return this.#members.size
  }

  get oldestAt(): number {
    return this.#oldestAt
  }

  get isFull(): boolean {
    return this.size >= this.#row.maxSize
  }

  /** Whether it is closed: it takes a slot before anything else. */
  isClosed(now: number): boolean {
    const { maxWaitMs } = this.#row
    // A clock that jumped back makes nobody wait who was not to wait at all.
    return this.size > 0 && (this.isFull || maxWaitMs === 0 || now - this.#oldestAt >= maxWaitMs)
  }

  holds(call: Syscall): boolean {
    return call.list === this.#members
  }

  join(call: Syscall): void {
    this.#members.push(call)
    if (call.queuedAt < this.#oldestAt) {
      this.#oldestAt = call.queuedAt
      this.#alarm.rest()
    }
  }

  /** Takes a call out; returns whether it was here. */
  leave(call: Syscall, now: number): boolean {
    if (!this.#members.remove(call)) return false
    if (call.queuedAt === this.#oldestAt) {
      this.#alarm.rest()
      this.#oldestAt = Number.POSITIVE_INFINITY
      for (let at = this.#members.head; at !== undefined; at = at.next)
        this.#oldestAt = Math.min(this.#oldestAt, at.queuedAt)
      this.watch(now)
    }
    return true
  }

  /** Makes sure that the lane wakes when the batch has waited long enough. */
  watch(now: number): void {
    if (this.size > 0) this.#alarm.ringAt(this.#oldestAt + this.#row.maxWaitMs, now)
  }

  /** Makes the batch, and begins anew. */
  seal(): Batch {
    this.#alarm.rest()
    const batch = new Batch(this.#name, this.#row.row, this.#members)
    this.#members = new TaskList()
    this.#oldestAt = Number.POSITIVE_INFINITY
    return batch
  }

  /** Takes all calls out. */
  drain(): Syscall[] {
    const calls: Syscall[] = []
    for (let call = this.#members.shift(); call !== undefined; call = this.#members.shift()) calls.push(call as Syscall)
    this.#alarm.rest()
    this.#oldestAt = Number.POSITIVE_INFINITY
    return calls
  }

  /** Makes a batch of one call that has a slot to run on. */
  alone(): Batch {
    return new Batch(this.#name, this.#row.row, new TaskList())
  }
}
