import { AiosError } from '@aios/kernel/driver'

interface Waiting<T> {
  readonly resolve: (sequence: T) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Lends the sequences of an engine, one an answer. They are taken from the engine once and emptied between two answers: a
 * sequence that was given back to the engine is not free at once, and asking for one then may fail.
 */
export class SequencePool<T> {
  readonly #free: T[]
  readonly #empty: (sequence: T) => Promise<void>
  readonly #waiting = new Set<Waiting<T>>()
  readonly #cleaning = new Set<Promise<void>>()
  #closed: AiosError | undefined

  /** @param empty - makes a sequence forget what it has read */
  constructor(sequences: readonly T[], empty: (sequence: T) => Promise<void>) {
    this.#free = [...sequences]
    this.#empty = empty
  }

  /** Waits for an empty sequence. Rejects with the signal's reason, or with `AIOS_CLOSED`. */
  async acquire(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    if (this.#closed !== undefined) throw this.#closed
    return this.#free.pop() ?? this.#wait(signal)
  }

  /**
   * Takes a sequence back.
   *
   * @param idle - settles when the engine is done with it
   */
  release(sequence: T, idle: Promise<unknown>): void {
    const clean = (): Promise<void> => this.#empty(sequence)
    const cleaned = idle
      .then(clean, clean)
      .then(
        () => {
          this.#lend(sequence)
        },
        // A sequence that cannot be emptied belongs to a context that is gone.
        (error: unknown) => {
          this.#refuse(new AiosError('AIOS_CLOSED', 'The engine of this core is gone.', { cause: error }))
        },
      )
      .finally(() => this.#cleaning.delete(cleaned))
    this.#cleaning.add(cleaned)
  }

  /** Turns away whoever waits or comes, and resolves when the engine is done with all that was given back. */
  async close(reason: AiosError): Promise<void> {
    this.#refuse(reason)
    await Promise.all(this.#cleaning)
  }

  #refuse(reason: AiosError): void {
    this.#closed ??= reason
    for (const { reject } of this.#waiting) reject(this.#closed)
    this.#waiting.clear()
  }

  #lend(sequence: T): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free.push(sequence)
      return
    }
    this.#waiting.delete(next)
    next.resolve(sequence)
  }

  #wait(signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(waiting)
        reject(signal.reason as Error)
      }
      const settle = (): void => {
        signal.removeEventListener('abort', onAbort)
      }
      const waiting: Waiting<T> = {
        resolve: (sequence) => {
          settle()
          resolve(sequence)
        },
        reject: (reason) => {
          settle()
          reject(reason)
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#waiting.add(waiting)
    })
  }
}
