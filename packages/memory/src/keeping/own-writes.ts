/** Tells changes that this device made from those of others in the feed of a store, so that its own are not read again. */
export class OwnWrites {
  /** How many changes of a note the feed has still to tell. */
  readonly #expected = new Map<number, number>()

  /** Is told what is about to be committed. */
  begin(changes: readonly (readonly [serial: number, ...rest: unknown[]])[]): void {
    for (const [serial] of changes) this.#expected.set(serial, (this.#expected.get(serial) ?? 0) + 1)
  }

  /** Is told that it may not have been: whatever the feed tells of these notes has to be read. */
  failed(changes: readonly (readonly [serial: number, ...rest: unknown[]])[]): void {
    for (const [serial] of changes) this.#expected.delete(serial)
  }

  /** Is told that the feed left something out. */
  lost(): void {
    this.#expected.clear()
  }

  /** Whether a change that the feed tells is one of its own. */
  take(serial: number): boolean {
    const left = this.#expected.get(serial)
    if (left === undefined) return false
    if (left === 1) this.#expected.delete(serial)
    else this.#expected.set(serial, left - 1)
    return true
  }
}
