import type { CoreCapabilities, CorePrice, LlmDriver } from '../driver/llm-driver.js'
import type { LlmCoreView } from '../driver/llm-router.js'
import type { Lane } from './lane.js'

const UNKNOWN: CoreCapabilities = Object.freeze({})

/** Shows a lane to a router as the core it serves; always up to date, made once. */
export class CoreView implements LlmCoreView {
  readonly #lane: Lane

  constructor(lane: Lane) {
    this.#lane = lane
  }

  get id(): string {
    return this.#lane.device.id
  }

  get model(): string {
    return (this.#lane.device as LlmDriver).model
  }

  get backend(): string | undefined {
    return (this.#lane.device as LlmDriver).backend
  }

  get capabilities(): CoreCapabilities {
    return (this.#lane.device as LlmDriver).capabilities ?? UNKNOWN
  }

  get maxOutputTokens(): number | undefined {
    return (this.#lane.device as LlmDriver).maxOutputTokens
  }

  get contextWindow(): number | undefined {
    return (this.#lane.device as LlmDriver).contextWindow
  }

  get price(): CorePrice | undefined {
    return (this.#lane.device as LlmDriver).price
  }

  get running(): number {
    return this.#lane.running
  }

  get queued(): number {
    return this.#lane.queued
  }

  get tripped(): boolean {
    return this.#lane.gate?.tripped === true
  }

  get concurrency(): number {
    return this.#lane.concurrency
  }
}
