import { inputTextOf } from '../../tool-call/tool-input.js'

type Fields = Readonly<Record<string, unknown>>

/** Gives every call of one answer an id of its own: that of the provider, where it has one and used it once. */
export class CallIds {
  readonly #makeId: (n: number) => string
  readonly #seen = new Map<string, string>()
  #made = 0

  constructor(makeId: (n: number) => string) {
    this.#makeId = makeId
  }

  /** Number of different calls. */
  get size(): number {
    return this.#seen.size
  }

  /** Returns the id of a call, or undefined for the very same call once more. */
  of({ toolCallId, toolName, input }: Fields): string | undefined {
    const said = `${String(toolName)} ${inputTextOf(input)}`
    const given = typeof toolCallId === 'string' && toolCallId !== '' ? toolCallId : undefined
    if (given !== undefined && this.#seen.get(given) === said) return undefined
    const id = given === undefined || this.#seen.has(given) ? this.#unused() : given
    this.#seen.set(id, said)
    return id
  }

  #unused(): string {
    for (;;) {
      const id = this.#makeId(this.#made)
      this.#made += 1
      if (!this.#seen.has(id)) return id
    }
  }
}
