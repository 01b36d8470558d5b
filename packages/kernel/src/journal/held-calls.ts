import type { Syscall } from '../syscall/syscall.js'
import type { Recorded, RecordedRun } from './recorded-run.js'

/** Sends a call on its way, as if it were made now. */
export type Send = (call: Syscall) => void

/** Is a call that goes its way once all that is recorded was gone through. */
interface HeldCall {
  readonly call: Syscall
  readonly send: Send
  /** What is recorded of its like, which it did not take: it seems to have left no line itself. */
  readonly key?: string
}

/** Holds the calls of a run that nothing recorded answers. */
export class HeldCalls {
  #calls: HeldCall[] = []

  add(held: HeldCall): void {
    this.#calls.push(held)
  }

  /** Removes and returns all. */
  takeAll(): readonly HeldCall[] {
    const all = this.#calls
    this.#calls = []
    return all
  }

  /** Removes and returns the first whose like is recorded and was asked for by nobody else, with that. */
  takeLike(recorded: RecordedRun): (HeldCall & { readonly found: Recorded }) | undefined {
    for (const held of this.#calls) {
      const found = held.key === undefined ? undefined : recorded.take(held.key)
      if (found === undefined) continue
      this.#calls = this.#calls.filter((each) => each !== held)
      return { ...held, found }
    }
    return undefined
  }

  /** Returns the first that passes. */
  find(isMeant: (call: Syscall) => boolean): Syscall | undefined {
    return this.#calls.find(({ call }) => isMeant(call))?.call
  }
}
