/** Calls back after a time, as somebody waits for it; returns how to cancel that. */
export type Later = (delayMs: number, callback: () => void) => () => void

/** Is one timer for all who wait in a place: set to the earliest time that is asked for, and gone when nobody waits. */
export class Alarm {
  readonly #later: Later
  readonly #ring: () => void
  #set: { readonly at: number; readonly cancel: () => void } | undefined = undefined

  constructor(later: Later, ring: () => void) {
    this.#later = later
    this.#ring = ring
  }

  /** Rings at a time, or before if it was set to ring before. */
  ringAt(at: number, now: number): void {
    if (this.#set !== undefined && this.#set.at <= at) return
    this.rest()
    const cancel = this.#later(at - now, () => {
      this.#set = undefined
      this.#ring()
    })
    this.#set = { at, cancel }
  }

  /** Cancels it. */
  rest(): void {
    this.#set?.cancel()
    this.#set = undefined
  }
}
