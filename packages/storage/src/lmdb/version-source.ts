import { AiosError } from '@aios/kernel/driver'

/** Versions that an opener takes at once. */
export const VERSION_BLOCK = 2 ** 24
/** Takes the next block when so many are left. */
const LOW = 2 ** 22

/** Gives versions out of blocks that no other opener has, or ever had. */
export class VersionSource {
  readonly #take: () => Promise<number>
  #next = 0
  #end = 0
  #following: number | undefined = undefined
  #taking: Promise<void> | undefined = undefined

  /** @param take - reserves a block for good, and returns its first version */
  constructor(take: () => Promise<number>) {
    this.#take = take
  }

  /** Takes the first block. */
  async start(): Promise<void> {
    this.#next = await this.#take()
    this.#end = this.#next + VERSION_BLOCK
  }

  /** Returns a version that no record ever had. */
  next(): number {
    if (this.#next === this.#end) this.#turn()
    const version = this.#next
    this.#next += 1
    if (this.#end - this.#next < LOW && this.#following === undefined) this.#refill()
    return version
  }

  /** Resolves when no block is being taken. */
  async idle(): Promise<void> {
    await this.#taking
  }

  #turn(): void {
    if (this.#following === undefined)
      throw new AiosError(
        'AIOS_STORE_UNAVAILABLE',
        'Expected a version for a write, got none yet; write again in a moment.',
      )
    this.#next = this.#following
    this.#end = this.#next + VERSION_BLOCK
    this.#following = undefined
  }

  /** A block that cannot be had now is asked for again with the next version. */
  #refill(): void {
    this.#taking ??= this.#take().then(
      (first) => {
        this.#following = first
        this.#taking = undefined
      },
      () => {
        this.#taking = undefined
      },
    )
  }
}
