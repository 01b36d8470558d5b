import type { GatedLane } from '../limiter/lane-gate.js'
import type { RateSignal } from '../limiter/rate-signal.js'
import type { LaneHost } from './lane-host.js'
import type { Lane } from './lane.js'

/** Is the side of a lane that its gate sees. */
export class GatedSide implements GatedLane {
  readonly #lane: Lane
  readonly #host: LaneHost
  readonly later: LaneHost['later']

  constructor(lane: Lane, host: LaneHost) {
    this.#lane = lane
    this.#host = host
    this.later = (delayMs, callback) => host.later(delayMs, callback)
  }

  get id(): string {
    return this.#lane.id
  }

  get concurrency(): number {
    return this.#lane.concurrency
  }

  get running(): number {
    return this.#lane.running
  }

  get queued(): number {
    return this.#lane.queued
  }

  now(): number {
    return this.#host.now()
  }

  random(): number {
    return this.#host.random()
  }

  wake(): void {
    this.#host.resume(this.#lane)
  }

  limited(signal: RateSignal): void {
    this.#host.limited(this.#lane, signal)
  }

  tripped(failures: number, errorCode: string): void {
    this.#host.tripped(this.#lane, failures, errorCode)
  }

  recovered(downMs: number): void {
    this.#host.recovered(this.#lane, downMs)
  }
}
