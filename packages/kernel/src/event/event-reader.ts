import type { KernelEvent } from './kernel-events.js'

/** Buffers events for one reader, at most `bound`; beyond it the oldest are dropped and counted. */
export class EventReader implements AsyncIterableIterator<KernelEvent> {
  readonly #bound: number
  readonly #ended: () => void
  #events: Omit<KernelEvent, 'dropped'>[] = []
  #dropped = 0
  #done = false
  #wake: (() => void) | undefined = undefined

  constructor(bound: number, ended: () => void) {
    this.#bound = bound
    this.#ended = ended
  }

  push(event: Omit<KernelEvent, 'dropped'>): void {
    if (this.#done) return
    this.#events.push(event)
    if (this.#events.length > this.#bound) {
      this.#events.shift()
      this.#dropped += 1
    }
    this.#rouse()
  }

  /** Ends the iteration after what is buffered. */
  end(): void {
    if (this.#done) return
    this.#done = true
    this.#ended()
    this.#rouse()
  }

  async next(): Promise<IteratorResult<KernelEvent>> {
    for (;;) {
      const event = this.#events.shift()
      if (event !== undefined) {
        const dropped = this.#dropped
        this.#dropped = 0
        return { done: false, value: { ...event, dropped } as KernelEvent }
      }
      if (this.#done) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  return(): Promise<IteratorResult<KernelEvent>> {
    this.#events = []
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #rouse(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
