import type { Syscall } from '../../syscall/syscall.js'
import { TaskList } from '../task-list.js'
import type { Batch } from './batch.js'
import { withDefaults, type BatchRows } from './batch-row.js'
import { Filling, type FillingLane } from './filling.js'

/** Is where the calls of a lane come from. */
export interface CallSource {
  /** Most calls that may be passed over to fill a batch that is closed by time. */
  readonly reach: number
  /** Takes the next call of the policy out of it; undefined if none may go. */
  next(): Syscall | undefined
  /** Is told that a call has joined a batch. */
  joined(call: Syscall): void
}

/**
 * Makes batches of the calls of one lane. It takes calls from the policy in the policy's order, and only while a slot is
 * free: whose calls go together is the policy's decision.
 */
export class Batcher {
  readonly #fillings = new Map<string, Filling>()
  /** Calls without batches whose turn it was while a closed batch was filled up; they are next. */
  readonly #passed = new TaskList()

  constructor(rows: BatchRows, lane: FillingLane) {
    for (const [name, row] of rows) this.#fillings.set(name, new Filling(name, withDefaults(row), lane))
  }

  /** Calls that wait here, in batches that fill too. */
  get size(): number {
    let { size } = this.#passed
    for (const filling of this.#fillings.values()) size += filling.size
    return size
  }

  /** Calls that wait for nothing but a slot. */
  backlog(now: number): number {
    let { size } = this.#passed
    for (const filling of this.#fillings.values()) if (filling.isClosed(now)) size += filling.size
    return size
  }

  /** Whether a call is served in batches. */
  takes(call: Syscall): boolean {
    return this.#fillings.has(call.row.name)
  }

  /** Whether a call is in a batch that fills. */
  holds(call: Syscall): boolean {
    return this.#fillings.get(call.row.name)?.holds(call) === true
  }

  /** Returns what a free slot is for: a closed batch first, then the next call without batches; undefined if all that is there gathers. */
  next(source: CallSource, now: number): Batch | Syscall | undefined {
    const closed = this.#closed(now)
    if (closed !== undefined) return this.#filledUp(closed, source).seal()
    const passed = this.#passed.shift()
    if (passed !== undefined) return passed as Syscall
    for (let call = source.next(); call !== undefined; call = source.next()) {
      const filling = this.#gather(call, source)
      if (filling === undefined) return call
      if (filling.isClosed(now)) return this.#filledUp(filling, source).seal()
    }
    for (const filling of this.#fillings.values()) filling.watch(now)
    return undefined
  }

  /** Takes a waiting call out, also of a batch that is just being put on its slot; returns whether it was here. */
  withdraw(call: Syscall, now: number): boolean {
    if (this.#fillings.get(call.row.name)?.leave(call, now) === true) return true
    const { list } = call
    return list instanceof TaskList && list.remove(call)
  }

  /** Takes out the calls that were passed over, for another policy to order. */
  surrender(): readonly Syscall[] {
    const calls: Syscall[] = []
    for (let call = this.#passed.shift(); call !== undefined; call = this.#passed.shift()) calls.push(call as Syscall)
    return calls
  }

  /** Takes out all calls that wait here. */
  drain(): readonly Syscall[] {
    return [...this.surrender(), ...[...this.#fillings.values()].flatMap((filling) => filling.drain())]
  }

  /** Serves a call that runs on the slot of the call it is nested in; undefined if its row has no batches. */
  alone(call: Syscall): Promise<unknown> | undefined {
    const batch = this.#fillings.get(call.row.name)?.alone()
    const result = batch?.board(call, call.request)
    batch?.run()
    return result
  }

  /** Returns the closed batch whose oldest call has waited longest. */
  #closed(now: number): Filling | undefined {
    let first: Filling | undefined
    for (const filling of this.#fillings.values())
      if (filling.isClosed(now) && !(first !== undefined && first.oldestAt <= filling.oldestAt)) first = filling
    return first
  }

  /** Puts a call into the batch of its row; undefined if that has none. */
  #gather(call: Syscall, source: CallSource): Filling | undefined {
    const filling = this.#fillings.get(call.row.name)
    filling?.join(call)
    if (filling !== undefined) source.joined(call)
    return filling
  }

  /** Adds what else waits to a batch that time has closed: it costs nobody a slot. Stops where calls of other rows would have to wait for it. */
  #filledUp(batch: Filling, source: CallSource): Filling {
    while (!this.#someFull() && this.#passed.size < source.reach) {
      const call = source.next()
      if (call === undefined) break
      if (this.#gather(call, source) === undefined) this.#passed.push(call)
    }
    return batch
  }

  #someFull(): boolean {
    for (const filling of this.#fillings.values()) if (filling.isFull) return true
    return false
  }
}
