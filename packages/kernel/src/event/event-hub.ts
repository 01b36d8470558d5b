import { EventEmitter } from 'eventemitter3'
import { NO_SCOPE } from '../lifetime/async-scope.js'
import type { Clock } from '../time/clock.js'
import { EventReader } from './event-reader.js'
import type { KernelEvent, KernelEventName, KernelEvents } from './kernel-events.js'

interface PendingEvent {
  readonly name: KernelEventName
  readonly data: unknown
}

/**
 * Delivers events. Facts are queued while the kernel changes its state and delivered by `flush`, when the change is
 * complete; a listener may call the kernel, which queues further facts behind. Listeners run in no caller's context.
 */
export class EventHub {
  readonly #clock: Clock
  readonly #emitter = new EventEmitter()
  readonly #readers = new Set<EventReader>()
  readonly #deliver = (): void => { this.#drain() }
  #pending: PendingEvent[] = []
  #flushing = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether anyone would see an event, so that records are built only then. */
  wants(name: KernelEventName): boolean {
    return this.#readers.size > 0 || this.#emitter.listenerCount(name) > 0
  }

  /** Queues a fact. */
  push<N extends KernelEventName>(name: N, data: KernelEvents[N]): void {
    if (this.wants(name)) this.#pending.push({ name, data })
  }

  /** Delivers what is queued; call it where the state is complete. */
  flush(): void {
    if (this.#pending.length === 0 || this.#flushing) return
    NO_SCOPE.run(this.#deliver, undefined)
  }

  /** Adds a listener; returns what removes it. */
  on<N extends KernelEventName>(name: N, listener: (data: KernelEvents[N]) => void): () => void {
    const guarded = (data: KernelEvents[N]): void => {
      try {
        listener(data)
      } catch (error) {
        // A failing listener of this very event would report itself for ever.
        if (name === 'listener:failed') return
        this.push('listener:failed', { event: name, message: String(error), at: this.#clock.now() })
      }
    }
    this.#emitter.on(name, guarded)
    return () => { this.#emitter.off(name, guarded) }
  }

  /** Adds a reader of all events. */
  read(bound: number): EventReader {
    const reader: EventReader = new EventReader(bound, () => { this.#readers.delete(reader) })
    this.#readers.add(reader)
    return reader
  }

  /** Delivers what is left, ends all readers and removes all listeners. */
  close(): void {
    this.flush()
    for (const reader of this.#readers) reader.end()
    this.#emitter.removeAllListeners()
  }

  #drain(): void {
    this.#flushing = true
    for (let batch = this.#pending; batch.length > 0; batch = this.#pending) {
      this.#pending = []
      for (const { name, data } of batch) {
        for (const reader of this.#readers) reader.push({ name, data } as Omit<KernelEvent, 'dropped'>)
        this.#emitter.emit(name, data)
      }
    }
    this.#flushing = false
  }
}
