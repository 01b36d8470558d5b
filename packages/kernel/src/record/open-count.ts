import { AiosError } from '../error/aios-error.js'

/** Is what a store does with the first `open` and the last `close`. */
export interface OpenCountOptions {
  /** Names the store in messages. */
  readonly id: string
  /** Makes it ready. Default: nothing is to be done, and it is open as soon as `open` is called. */
  readonly open?: (() => Promise<void>) | undefined
  /** Gives back what `open` took, after what was asked before. Default: nothing is to be done. */
  readonly close?: (() => Promise<void>) | undefined
}

/**
 * Counts who has a store open: the first `open` opens it, the last `close` closes it, one after the other however they are
 * called. An `open` that fails counts for nothing, and the next one tries again.
 */
export class OpenCount {
  readonly #options: OpenCountOptions
  #openers = 0
  #isReady = false
  /** How often the store was opened. */
  #openings = 0
  /** How many turns were asked for. */
  #turns = 0
  /** Settles when whoever opens or closes now has done so. */
  #turn: Promise<unknown> | undefined = undefined

  constructor(options: OpenCountOptions) {
    this.#options = options
  }

  /** Whether the store may be used. */
  get isOpen(): boolean {
    return this.#isReady
  }

  /** Opens the store, or adds an opener. */
  open(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#openers === 0) {
        if (this.#options.open !== undefined) await this.#options.open()
        this.#openings += 1
        this.#isReady = true
      }
      this.#openers += 1
    })
  }

  /** Takes an opener away; with the last one the store is closed at once for all methods, and then given back. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#openers === 0) return
      this.#openers -= 1
      if (this.#openers > 0) return
      this.#isReady = false
      await this.#options.close?.()
    })
  }

  /**
   * Throws unless the store is open.
   *
   * @param opening - what an earlier check returned: the store must not have been closed since, not even to be opened again
   * @returns a number that stands for this opening
   * @throws AiosError `AIOS_CLOSED`
   */
  check(opening = this.#openings): number {
    if (!this.#isReady || opening !== this.#openings)
      throw new AiosError(
        'AIOS_CLOSED',
        `Expected the record store "${this.#options.id}" to be open, got one that is closed; call open() first.`,
      )
    return opening
  }

  /** Runs one opening or closing after those that were asked for before; at once if there is none. */
  #inTurn(step: () => Promise<void>): Promise<void> {
    const before = this.#turn
    const number = (this.#turns += 1)
    const turn = (async () => {
      try {
        await (before === undefined ? step() : before.then(step, step))
      } finally {
        // Before it settles: whoever waited for it may close at once.
        if (this.#turns === number) this.#turn = undefined
      }
    })()
    this.#turn = turn
    return turn
  }
}
