/** Marks pages, one bit each. */
export class PageSet {
  readonly #bits: Uint8Array
  readonly #pages: number

  constructor(pages: number) {
    this.#pages = pages
    this.#bits = new Uint8Array(Math.ceil(pages / 8))
  }

  /** Marks a page; returns false if there is no such page, or it was marked before. */
  add(page: number): boolean {
    const bit = 1 << (page % 8)
    const at = Math.floor(page / 8)
    const marks = this.#bits[at]
    if (page < 0 || page >= this.#pages || marks === undefined || (marks & bit) !== 0) return false
    this.#bits[at] = marks | bit
    return true
  }
}
