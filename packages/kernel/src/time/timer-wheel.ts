import type { Later } from './alarm.js'
import type { Clock, TimerHandle } from './clock.js'

/** Is a pending timer of a {@link TimerWheel}. */
export class WheelTimer {
  /** Millisecond at which it fires; grows only. */
  readonly dueAt: number
  /** Whether it keeps the process alive. */
  readonly vital: boolean
  readonly callback: () => void
  next: WheelTimer | undefined = undefined
  previous: WheelTimer | undefined = undefined
  slot: WheelSlot | undefined = undefined

  constructor(dueAt: number, vital: boolean, callback: () => void) {
    this.dueAt = dueAt
    this.vital = vital
    this.callback = callback
  }
}

/** Holds the timers that are due in the same millisecond, in the order they were set. */
class WheelSlot {
  readonly dueAt: number
  first: WheelTimer | undefined = undefined
  last: WheelTimer | undefined = undefined

  constructor(dueAt: number) {
    this.dueAt = dueAt
  }
}

/**
 * Keeps any number of timers on one timer of the clock. Setting one is O(log distinct milliseconds), cancelling O(1).
 * The one timer keeps the process alive only while a vital timer is pending.
 */
export class TimerWheel {
  readonly #clock: Clock
  readonly #slots = new Map<number, WheelSlot>()
  /** Binary heap of the milliseconds that have a slot. */
  readonly #heap: number[] = []
  #handle: TimerHandle | undefined = undefined
  #armedFor = Number.POSITIVE_INFINITY
  #vital = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Number of milliseconds that have timers, those of cancelled ones included until they pass. */
  get slots(): number {
    return this.#slots.size
  }

  /** Calls back after `delayMs`; a vital timer keeps the process alive. */
  set(delayMs: number, vital: boolean, callback: () => void): WheelTimer {
    const dueAt = Math.ceil(this.#clock.now() + Math.max(0, delayMs))
    const timer = new WheelTimer(dueAt, vital, callback)
    let slot = this.#slots.get(dueAt)
    if (slot === undefined) {
      slot = new WheelSlot(dueAt)
      this.#slots.set(dueAt, slot)
      siftUp(this.#heap, dueAt)
    }
    timer.slot = slot
    timer.previous = slot.last
    if (slot.last === undefined) slot.first = timer
    else slot.last.next = timer
    slot.last = timer
    if (vital) this.#vital += 1
    this.#arm()
    return timer
  }

  /** Calls back after a time, as somebody waits for it: keeps the process alive until then. */
  readonly later: Later = (delayMs, callback) => {
    const timer = this.set(delayMs, true, callback)
    return () => {
      this.cancel(timer)
    }
  }

  /** Cancels a timer; harmless if it fired or was cancelled before. */
  cancel(timer: WheelTimer): void {
    if (!this.#unlink(timer)) return
    this.#arm()
  }

  /** Cancels everything. */
  close(): void {
    this.#slots.clear()
    this.#heap.length = 0
    this.#vital = 0
    this.#arm()
  }

  #unlink(timer: WheelTimer): boolean {
    const slot = timer.slot
    if (slot === undefined) return false
    timer.slot = undefined
    if (timer.previous === undefined) slot.first = timer.next
    else timer.previous.next = timer.next
    if (timer.next === undefined) slot.last = timer.previous
    else timer.next.previous = timer.previous
    if (timer.vital) this.#vital -= 1
    return true
  }

  #dropEmpty(): void {
    for (let dueAt = this.#heap[0]; dueAt !== undefined; dueAt = this.#heap[0]) {
      if (this.#slots.get(dueAt)?.first !== undefined) return
      this.#slots.delete(dueAt)
      popMin(this.#heap)
    }
  }

  #arm(): void {
    this.#dropEmpty()
    const dueAt = this.#heap[0] ?? Number.POSITIVE_INFINITY
    if (dueAt !== this.#armedFor) {
      this.#handle?.cancel()
      this.#armedFor = dueAt
      this.#handle = dueAt === Number.POSITIVE_INFINITY ? undefined : this.#start(dueAt)
    }
    this.#handle?.ref(this.#vital > 0)
  }

  #start(dueAt: number): TimerHandle {
    // Node's timers hold at most 2^31 - 1 milliseconds; a longer wait is armed again when that much has passed.
    const delayMs = Math.min(Math.max(0, dueAt - this.#clock.now()), 2_147_483_647)
    return this.#clock.after(delayMs, () => {
      this.#fire()
    })
  }

  #fire(): void {
    this.#armedFor = Number.POSITIVE_INFINITY
    this.#handle = undefined
    const now = this.#clock.now()
    for (let dueAt = this.#heap[0]; dueAt !== undefined && dueAt <= now; dueAt = this.#heap[0]) {
      const slot = this.#slots.get(dueAt)
      const timer = slot?.first
      if (timer === undefined) this.#dropEmpty()
      else if (this.#unlink(timer)) timer.callback()
    }
    this.#arm()
  }
}

function siftUp(heap: number[], value: number): void {
  let index = heap.push(value) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent] as number
    if (above <= value) break
    heap[index] = above
    index = parent
  }
  heap[index] = value
}

function popMin(heap: number[]): void {
  const moved = heap.pop()
  if (moved === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && (heap[child + 1] as number) < (heap[child] as number)) child += 1
    if ((heap[child] as number) >= moved) break
    heap[index] = heap[child] as number
    index = child
  }
  heap[index] = moved
}
