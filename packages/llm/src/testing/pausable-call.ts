import { AiosError, type Clock } from '@aios/kernel'

/** Lets a scripted answer take its time: pauses end when their time is over, or at once when the call does. */
export class PausableCall {
  readonly #caller: AbortSignal
  readonly #clock: Clock | undefined
  readonly #onClose: () => void
  readonly #onAbort = (): void => {
    this.#interrupt?.(this.#caller.reason)
  }
  #interrupt: ((reason: unknown) => void) | undefined
  #isClosed = false

  /**
   * @param caller - the caller's signal; its reason is what an interrupted pause rejects with
   * @param clock - of the kernel, if the core was opened
   * @param onClose - called once
   */
  constructor(caller: AbortSignal, clock: Clock | undefined, onClose: () => void) {
    this.#caller = caller
    this.#clock = clock
    this.#onClose = onClose
    caller.addEventListener('abort', this.#onAbort)
  }

  /** Waits `ms` milliseconds; 0 does not wait at all, but notices an abort. */
  async pause(ms: number): Promise<void> {
    this.#caller.throwIfAborted()
    if (ms === 0) return
    const clock = this.#clock
    if (clock === undefined) {
      const message = `Expected the core to be open before an answer that takes ${ms} ms: time comes from its kernel. Hand it to createKernel, or call open().`
      throw new AiosError('AIOS_CLOSED', message)
    }
    let cancel = (): void => undefined
    const elapsed = new Promise<void>((resolve) => {
      const timer = clock.after(ms, resolve)
      cancel = () => {
        timer.cancel()
      }
    })
    await this.during(elapsed).finally(cancel)
  }

  /** Waits for the end of the call. */
  async hang(): Promise<never> {
    this.#caller.throwIfAborted()
    return this.during(new Promise<never>(() => undefined))
  }

  /** Waits for something else, until the call ends. */
  during<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#interrupt = reject
      work.then(resolve, reject)
    }).finally(() => {
      this.#interrupt = undefined
    })
  }

  /** Lets go of signal and timer; a pause that still runs rejects. Idempotent. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#caller.removeEventListener('abort', this.#onAbort)
    this.#interrupt?.(new AiosError('AIOS_CLOSED', 'The stream was left by its consumer.'))
    this.#onClose()
  }
}
