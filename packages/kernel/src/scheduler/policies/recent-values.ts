/** Values kept to learn from: enough for a steady median, few enough to follow a change of habit. */
const WINDOW = 32

/** Remembers the last 32 values of something, in order of size, and answers what share of them lies below. */
export class RecentValues {
  readonly #byAge: number[] = []
  readonly #bySize: number[] = []
  #oldest = 0

  get count(): number {
    return this.#byAge.length
  }

  add(value: number): void {
    if (!Number.isFinite(value)) return
    if (this.#byAge.length < WINDOW) this.#byAge.push(value)
    else {
      this.#bySize.splice(this.#bySize.indexOf(this.#byAge[this.#oldest] as number), 1)
      this.#byAge[this.#oldest] = value
      this.#oldest = (this.#oldest + 1) % WINDOW
    }
    const at = this.#bySize.findIndex((each) => each > value)
    this.#bySize.splice(at < 0 ? this.#bySize.length : at, 0, value)
  }

  /** Returns the value that a share (0 to 1) of them does not exceed, or undefined before the first. */
  quantile(share: number): number | undefined {
    return this.#bySize[Math.min(this.#bySize.length - 1, Math.floor(share * this.#bySize.length))]
  }
}
