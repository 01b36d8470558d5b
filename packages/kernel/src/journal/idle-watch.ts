import type { TimerWheel, WheelTimer } from '../time/timer-wheel.js'

/** Turns of the timer in which nothing must have happened. */
const TURNS = 4

/** Is what an {@link IdleWatch} looks at. */
export interface Watched {
  readonly wheel: TimerWheel
  /** Milliseconds after which who did nothing does nothing any more. */
  readonly idleMs: number
  /** Whether something is about to happen, which will have the watch begin anew. */
  isBusy(): boolean
  onIdle(): void
}

/**
 * Tells when nothing has happened for a while. It counts turns, each a part of the time: to a process that slept, or had no processor,
 * the time has passed, but not the turns in which its agents would have gone on.
 */
export class IdleWatch {
  readonly #watched: Watched
  #timer: WheelTimer | undefined = undefined

  constructor(watched: Watched) {
    this.#watched = watched
  }

  /** Begins anew. */
  restart(): void {
    this.stop()
    this.#wait(TURNS)
  }

  /** Ends; idempotent. */
  stop(): void {
    if (this.#timer !== undefined) this.#watched.wheel.cancel(this.#timer)
    this.#timer = undefined
  }

  #wait(turns: number): void {
    const { wheel, idleMs, isBusy, onIdle } = this.#watched
    this.#timer = wheel.set(idleMs / TURNS, true, () => {
      this.#timer = undefined
      if (isBusy()) return
      if (turns > 1) this.#wait(turns - 1)
      else onIdle()
    })
  }
}
