import { AiosError } from '@aios/kernel/driver'

/** Is what the endpoints of a core that refused one call answered. */
export class Refusals {
  readonly #indexes = new Set<number>()
  readonly #lasting = new Set<number>()
  #passing: AiosError | undefined

  /** Indexes of the endpoints that refused. */
  get indexes(): ReadonlySet<number> {
    return this.#indexes
  }

  /** Indexes of those that no waiting brings back: the key is refused, or its money is gone. */
  get lasting(): ReadonlySet<number> {
    return this.#lasting
  }

  /** The last refusal that waiting may bring to an end; undefined if there is none. */
  get passing(): AiosError | undefined {
    return this.#passing
  }

  /** Takes how a call ended on an endpoint; returns whether that is a refusal, after which another may be asked. */
  add(index: number, error: unknown): boolean {
    if (!AiosError.is(error) || (error.code !== 'AIOS_LLM_AUTH' && error.code !== 'AIOS_LLM_RATE_LIMIT')) return false
    this.#indexes.add(index)
    if (error.retryable) this.#passing = error
    else this.#lasting.add(index)
    return true
  }

  /** Returns the last refusal that passes, with after how many milliseconds it does; 0 and `Infinity` count as not known. */
  passingAfter(waitMs: number): AiosError {
    const { code, message, retryable, details, cause } = this.#passing as AiosError
    const isKnown = waitMs > 0 && waitMs < Number.POSITIVE_INFINITY
    return new AiosError(code, message, {
      cause,
      retryable,
      details,
      ...(isKnown ? { retryAfterMs: waitMs } : {}),
    })
  }
}
