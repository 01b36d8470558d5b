/** Is a promise that tells when somebody first waits for it. */
export class PulledPromise<T> extends Promise<T> {
  #awaited: (() => void) | undefined = undefined

  /** Derived promises are ordinary ones. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  /** Makes one that settles like `promise` and calls `awaited` when `then` is first called on it. */
  static of<T>(promise: Promise<T>, awaited: () => void): PulledPromise<T> {
    const pulled = new PulledPromise<T>((resolve, reject) => {
      promise.then(resolve, reject)
    })
    // Silences the promise itself without counting as somebody waiting.
    void super.prototype.then.call(pulled, undefined, () => undefined)
    pulled.#awaited = awaited
    return pulled
  }

  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const awaited = this.#awaited
    this.#awaited = undefined
    awaited?.()
    return super.then(onFulfilled, onRejected)
  }
}
