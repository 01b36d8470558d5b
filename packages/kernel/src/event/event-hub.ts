import { errorText } from '../error/error-text.js'
import { EventEmitter } from 'eventemitter3'
import { NO_SCOPE } from '../lifetime/async-scope.js'
import type { Clock } from '../time/clock.js'
import { EVENT_NAMES } from './event-names.js'
import { EventReader } from './event-reader.js'
import type { KernelEvent, KernelEventName, KernelEvents } from './kernel-events.js'

interface PendingEvent {
  readonly name: KernelEventName
  readonly data: unknown
}

/** Facts after which a batch is delivered at once, so that a burst of calls does not pile them up. */
const BATCH = 1_024

/**
 * Delivers events. Facts are queued while the kernel changes its state and delivered when the change is complete: at once
 * by `flush`, else all together in the next microtask, before any code that awaits a call goes on. A listener may call the
 * kernel, which queues further facts behind. Listeners run in no caller's context.
 */
export class EventHub {
  /** How many would see each event, so that records are built only where there is someone. */
  readonly wanted: Record<KernelEventName, number> = Object.fromEntries(EVENT_NAMES.map((name) => [name, 0])) as Record<
    KernelEventName,
    number
  >
  readonly #clock: Clock
  readonly #emitter = new EventEmitter()
  readonly #readers = new Set<EventReader>()
  readonly #drainNow = (): void => {
    this.#drain()
  }
  readonly #drainSoon = (): void => {
    void Promise.resolve().then(this.#drainNow)
  }
  #pending: PendingEvent[] = []
  #flushing = false
  #scheduled = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Queues a fact, if anyone would see it. */
  push<N extends KernelEventName>(name: N, data: KernelEvents[N]): void {
    if (this.wanted[name] === 0) return
    this.#pending.push({ name, data })
    if (this.#scheduled || this.#flushing) return
    this.#scheduled = true
    NO_SCOPE.run(this.#drainSoon, undefined)
  }

  /** Delivers what is queued, at once; call it where the state is complete. */
  flush(): void {
    if (this.#pending.length > 0 && !this.#flushing) NO_SCOPE.run(this.#drainNow, undefined)
  }

  /** Delivers what is queued if it is much; otherwise the next microtask does. */
  relieve(): void {
    if (this.#pending.length >= BATCH) this.flush()
  }

  /** Adds a listener; returns what removes it. */
  on<N extends KernelEventName>(name: N, listener: (data: KernelEvents[N]) => void): () => void {
    const guarded = (data: KernelEvents[N]): void => {
      try {
        listener(data)
      } catch (error) {
        // A failing listener of this very event would report itself for ever.
        if (name === 'listener:failed') return
        this.push('listener:failed', { event: name, message: errorText(error), at: this.#clock.now() })
      }
    }
    this.#emitter.on(name, guarded)
    this.wanted[name] += 1
    let listening = true
    return () => {
      if (!listening) return
      listening = false
      this.wanted[name] -= 1
      this.#emitter.off(name, guarded)
    }
  }

  /** Adds a reader of all events; `ended` is told when it stops, whoever stops it. */
  read(bound: number, ended: () => void): EventReader {
    const reader: EventReader = new EventReader(bound, () => {
      this.#readers.delete(reader)
      for (const name of EVENT_NAMES) this.wanted[name] -= 1
      ended()
    })
    this.#readers.add(reader)
    for (const name of EVENT_NAMES) this.wanted[name] += 1
    return reader
  }

  /** Delivers what is left, ends all readers and removes all listeners. */
  close(): void {
    this.flush()
    for (const reader of this.#readers) reader.end()
    this.#emitter.removeAllListeners()
    for (const name of EVENT_NAMES) this.wanted[name] = 0
  }

  #drain(): void {
    this.#scheduled = false
    if (this.#flushing) return
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
