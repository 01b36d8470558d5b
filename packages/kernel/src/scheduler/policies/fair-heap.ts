import { TurnHeap, type Turn } from './turn-heap.js'

/**
 * Is a virtual token counter (VTC, arXiv 2401.00588) over those that have tasks waiting: the key of a turn is
 * the service it was given divided by its weight, and the least goes first. Whoever comes back from idle is lifted to the
 * least of those that wait, so that nobody saves up service by not asking for it.
 */
export class FairHeap<T extends Turn> {
  readonly #waiting = new TurnHeap<T>()
  /** Where those stood who were served while nobody waited. */
  #idleLevel = 0

  get first(): T | undefined {
    return this.#waiting.first
  }

  /** What a turn that comes now is lifted to. */
  get level(): number {
    return this.#waiting.first?.key ?? this.#idleLevel
  }

  enter(turn: T): void {
    turn.key = Math.max(turn.key, this.level)
    this.#waiting.push(turn)
  }

  leave(turn: T): void {
    this.#waiting.remove(turn)
    this.#settle(turn)
  }

  moved(turn: T): void {
    this.#waiting.moved(turn)
  }

  /** @param waits - whether the turn is in the heap; service also comes for calls that run while none waits */
  charge(turn: T, service: number, waits: boolean): void {
    turn.key = Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, turn.key + service))
    if (waits) this.#waiting.moved(turn)
    else this.#settle(turn)
  }

  #settle(turn: T): void {
    if (this.#waiting.size === 0) this.#idleLevel = Math.max(this.#idleLevel, turn.key)
  }
}
