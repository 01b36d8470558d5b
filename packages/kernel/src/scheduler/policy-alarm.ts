import type { Lane, LaneHost } from './lane-host.js'

/** Wakes a lane when a call that its policy holds back may run. */
export class PolicyAlarm {
  readonly #lane: Lane
  readonly #host: Pick<LaneHost, 'later' | 'resume'>
  #set: { readonly at: number; readonly cancel: () => void } | undefined = undefined

  constructor(lane: Lane, host: Pick<LaneHost, 'later' | 'resume'>) {
    this.#lane = lane
    this.#host = host
  }

  /** @param at - when; undefined if nothing is held back */
  set(at: number | undefined, now: number): void {
    if (at === undefined || this.#set?.at === at) return
    this.clear()
    const cancel = this.#host.later(at - now, () => {
      this.#set = undefined
      this.#host.resume(this.#lane)
    })
    this.#set = { at, cancel }
  }

  clear(): void {
    this.#set?.cancel()
    this.#set = undefined
  }
}
