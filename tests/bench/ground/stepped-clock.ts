import type { Clock, TimerHandle } from '@aios/kernel'

/** Is a clock that moves when it is told to, by a little or by a jump; the event loop underneath is the real one. */
export class SteppedClock implements Clock {
  #now = 0
  readonly #timers = new Map<object, { readonly at: number; readonly callback: () => void }>()

  now(): number {
    return this.#now
  }

  after(delayMs: number, callback: () => void): TimerHandle {
    const handle: TimerHandle = {
      ref: () => undefined,
      cancel: () => void this.#timers.delete(handle),
    }
    this.#timers.set(handle, { at: this.#now + delayMs, callback })
    return handle
  }

  defer(callback: () => void): void {
    setImmediate(callback)
  }

  /** Moves on, and runs what is due by then, the earliest first. */
  advance(ms: number): void {
    this.#now += ms
    for (let due = this.#due(); due !== undefined; due = this.#due()) {
      this.#timers.delete(due.handle)
      due.callback()
    }
  }

  #due(): { readonly handle: object; readonly callback: () => void } | undefined {
    let first: { readonly handle: object; readonly at: number; readonly callback: () => void } | undefined
    for (const [handle, { at, callback }] of this.#timers)
      if (at <= this.#now && (first === undefined || at < first.at)) first = { handle, at, callback }
    return first
  }
}
