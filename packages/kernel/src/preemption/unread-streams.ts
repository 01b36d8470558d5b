import { UNREAD_MS } from '../limits.js'
import { Alarm, type Later } from '../time/alarm.js'

/** Is a stream that holds a slot for as long as somebody reads it. */
export interface ReadStream {
  /** Whether its consumer waits for a part right now. */
  readonly pulling: boolean
  /** When its consumer last pulled, or got what it waited for. */
  readonly pulledAt: number
  pullWhile(wanted: () => boolean): Promise<void>
}

/** Is what {@link UnreadStreams} needs of its lane. */
export interface ReadLane {
  now(): number
  readonly later: Later
  /** Calls that wait for nothing but a slot. */
  waiting(): number
}

/**
 * Sees to it that a stream which nobody reads does not keep its slot from others: while calls wait for a slot, the kernel
 * reads such streams to their end itself, into their bounded buffers, where their consumers find the parts later.
 */
export class UnreadStreams {
  readonly #lane: ReadLane
  readonly #streams = new Set<ReadStream>()
  readonly #alarm: Alarm

  constructor(lane: ReadLane) {
    this.#lane = lane
    this.#alarm = new Alarm(lane.later, () => {
      this.look()
    })
  }

  /** Is told that a stream is on its core. */
  add(stream: ReadStream): void {
    this.#streams.add(stream)
    this.look()
  }

  /** Is told that it is not any more. */
  delete(stream: ReadStream): void {
    if (this.#streams.delete(stream) && this.#streams.size === 0) this.rest()
  }

  /** Reads what nobody reads, if anybody waits for a slot. */
  look(): void {
    if (this.#streams.size === 0 || this.#lane.waiting() === 0) return
    const now = this.#lane.now()
    let next = Number.POSITIVE_INFINITY
    for (const stream of this.#streams) {
      const due = stream.pulling ? now + UNREAD_MS : stream.pulledAt + UNREAD_MS
      if (due > now) next = Math.min(next, due)
      else void stream.pullWhile(() => true)
    }
    if (next < Number.POSITIVE_INFINITY) this.#alarm.ringAt(next, now)
  }

  /** Forgets the alarm: nobody waits, or there is no stream. */
  rest(): void {
    this.#alarm.rest()
  }
}
