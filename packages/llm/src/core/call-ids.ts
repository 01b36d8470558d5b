import { inputTextOf } from '../tool-call/tool-input.js'

type Fields = Readonly<Record<string, unknown>>

/** Gives every call of one answer an id of its own: that of the provider, where it has one and used it once. */
export class CallIds {
  readonly #makeId: (n: number) => string
  /** What each call said, by its id. */
  readonly #said = new Map<string, string | undefined>()

  constructor(makeId: (n: number) => string) {
    this.#makeId = makeId
  }

  /** Number of different calls. */
  get size(): number {
    return this.#said.size
  }

  /**
   * Returns the id of one more call.
   *
   * @param given - the provider's, if it sent one
   * @param said - what it calls with what, for {@link CallIds.isRepeated}
   */
  take(given: string | undefined, said?: string): string {
    const id = given === undefined || given === '' || this.#said.has(given) ? this.#unused() : given
    this.#said.set(id, said)
    return id
  }

  /**
   * Tells whether a call is the very same once more: its id was used, and for a call that said the same. For protocols in which
   * nothing else tells an event that comes twice from two calls.
   */
  isRepeated(given: string | undefined, said: string): boolean {
    return given !== undefined && this.#said.get(given) === said
  }

  /** Returns the id of a call of the AI SDK, or undefined for the very same call once more. */
  of({ toolCallId, toolName, input }: Fields): string | undefined {
    const said = `${String(toolName)} ${inputTextOf(input)}`
    const given = typeof toolCallId === 'string' && toolCallId !== '' ? toolCallId : undefined
    return this.isRepeated(given, said) ? undefined : this.take(given, said)
  }

  #unused(): string {
    for (let n = this.#said.size; ; n += 1) {
      const id = this.#makeId(n)
      if (!this.#said.has(id)) return id
    }
  }
}
