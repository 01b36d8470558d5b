import { AiosError, type Clock, type TimerHandle } from '@aios/kernel/driver'

/** Is what the provider is aborted with: one for all, for whoever it is shown to knows better why, and each of its own would take a stack. */
const OVER = new DOMException('The call is over.', 'AbortError')

/** Says what ends a call to a provider besides its answer. */
export interface CallBounds {
  /** The caller's signal; its reason is what the call then rejects with. */
  readonly caller: AbortSignal
  readonly clock: Clock
  /** Milliseconds the provider may stay silent. */
  readonly silenceMs: number
  /** Called once, when the call is over. */
  onClose(): void
}

/**
 * Ties one call to its caller's signal and a bound on silence. It waits for the provider on the call's behalf, one
 * thing at a time, and lets go at once when the call is stopped, even if the provider does not.
 */
export class CallScope {
  readonly #bounds: CallBounds
  readonly #controller = new AbortController()
  readonly #onCallerAbort = (): void => {
    this.stop(() => this.#bounds.caller.reason)
  }
  #silenceMs: number
  #timer: TimerHandle | undefined
  #waitingSince: number | undefined
  #interrupt: ((reason: unknown) => void) | undefined
  #stopped: (() => unknown) | undefined
  #isClosed = false

  constructor(bounds: CallBounds) {
    this.#bounds = bounds
    this.#silenceMs = bounds.silenceMs
    if (bounds.caller.aborted) this.#stopped = () => bounds.caller.reason
    else bounds.caller.addEventListener('abort', this.#onCallerAbort, { once: true })
  }

  /** Aborts when the call is stopped or closed: hand it to the SDK. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether the call was stopped: whoever stopped it may be gone. */
  get isStopped(): boolean {
    return this.#stopped !== undefined
  }

  /**
   * Waits for the provider. Rejects with the reason of `stop` if the call was stopped meanwhile, whatever the
   * provider made of it: an aborted stream of the SDK ends as if it were complete.
   *
   * @param translate - turns what the SDK throws into our error
   */
  async wait<T>(work: () => PromiseLike<T>, translate: (error: unknown) => unknown): Promise<T> {
    this.#throwIfStopped()
    this.#watch()
    try {
      return await this.#interruptible(work)
    } catch (error) {
      this.#throwIfStopped()
      throw translate(error)
    } finally {
      this.#waitingSince = undefined
    }
  }

  /** Waits for what is not the provider, such as a turn to ask it: however long that takes, nobody was silent. */
  async waitUnheard(work: () => PromiseLike<void>): Promise<void> {
    this.#throwIfStopped()
    await this.#interruptible(work)
    this.#throwIfStopped()
  }

  async #interruptible<T>(work: () => PromiseLike<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#interrupt = reject
        work().then(resolve, reject)
      })
    } finally {
      this.#interrupt = undefined
    }
  }

  /** Changes the bound on silence from now on. */
  limitSilence(ms: number): void {
    this.#silenceMs = ms
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /**
   * Aborts the provider; whoever waits, and every later wait, rejects with what `reason` makes, which is made for them alone. Only
   * the first stop counts.
   */
  stop(reason: () => unknown): void {
    if (this.#stopped !== undefined) return
    this.#stopped = reason
    this.#interrupt?.(reason())
    this.close()
  }

  /** Lets go of signal, timer and provider, which is aborted. Idempotent, and nothing after {@link complete}. */
  close(): void {
    if (!this.#letGo()) return
    this.#controller.abort(OVER)
    this.#bounds.onClose()
  }

  /** Lets go of all but the provider, which has said everything: to abort it would cost more than it does good. */
  complete(): void {
    if (this.#letGo()) this.#bounds.onClose()
  }

  /** Returns whether that was still to do. */
  #letGo(): boolean {
    if (this.#isClosed) return false
    this.#isClosed = true
    this.#bounds.caller.removeEventListener('abort', this.#onCallerAbort)
    this.#timer?.cancel()
    this.#timer = undefined
    return true
  }

  #throwIfStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped()
  }

  /** One timer serves many waits: it is set again only when it fires too early. */
  #watch(): void {
    this.#waitingSince = this.#bounds.clock.now()
    this.#timer ??= this.#bounds.clock.after(this.#silenceMs, () => {
      this.#onTimer()
    })
  }

  #onTimer(): void {
    this.#timer = undefined
    if (this.#waitingSince === undefined) return
    const leftMs = this.#waitingSince + this.#silenceMs - this.#bounds.clock.now()
    if (leftMs > 0) {
      this.#timer = this.#bounds.clock.after(leftMs, () => {
        this.#onTimer()
      })
      return
    }
    const message = `Expected a sign of the provider within ${this.#silenceMs} ms, got none. Raise timeoutMs or try again.`
    this.stop(() => new AiosError('AIOS_LLM_TIMEOUT', message))
  }
}
