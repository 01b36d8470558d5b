import type { Clock, TimerHandle } from '@aios/kernel'

/** Bounds one wait. */
export interface WaitLimit {
  readonly clock: Clock
  /** Milliseconds, or `Infinity`. */
  readonly timeoutMs: number
  /** Ends the wait with its reason when it aborts. */
  readonly signal?: AbortSignal
  /** Makes the error of a wait that took too long. */
  timeoutError(): Error
  /** Hears why the wait ended before the work did. */
  onGiveUp?(reason: Error): void
  /** Hears how work ended that nobody waited for any more. */
  onLate(outcome: 'fulfilled' | 'rejected'): void
}

/**
 * Waits for work of tools: each wait ends with the work, at its time limit, with its signal, or when all are ended. Neither
 * timer nor listener outlives it.
 */
export class BoundedWaits {
  readonly #open = new Set<(reason: Error) => void>()

  /** Settles as the work does, or rejects at the time limit; what the work does after that is dropped. */
  until<T>(work: Promise<T>, limit: WaitLimit): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { clock, timeoutMs, signal } = limit
      let timer: TimerHandle | undefined
      const onAbort = (): void => {
        giveUp(signal?.reason as Error)
      }
      const end = (): boolean => {
        timer?.cancel()
        signal?.removeEventListener('abort', onAbort)
        return this.#open.delete(giveUp)
      }
      const giveUp = (reason: Error): void => {
        end()
        // The caller learns the reason first: what the tool does about its signal comes after.
        reject(reason)
        limit.onGiveUp?.(reason)
      }
      this.#open.add(giveUp)
      signal?.addEventListener('abort', onAbort)
      if (timeoutMs !== Infinity) {
        timer = clock.after(timeoutMs, () => {
          giveUp(limit.timeoutError())
        })
      }
      if (signal?.aborted === true) onAbort()
      work.then(
        (value) => {
          if (end()) resolve(value)
          else limit.onLate('fulfilled')
        },
        (error: Error) => {
          if (end()) reject(error)
          else limit.onLate('rejected')
        },
      )
    })
  }

  /** Ends every wait: its promise rejects with the reason. */
  endAll(reason: Error): void {
    for (const giveUp of [...this.#open]) giveUp(reason)
  }
}
