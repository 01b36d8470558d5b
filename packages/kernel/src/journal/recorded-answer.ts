import type { ChatReply, StreamPart } from '../driver/chat.js'

/** Is a streamed answer of an earlier life: the parts that were delivered then, and how it ended. */
export class RecordedAnswer implements AsyncIterable<StreamPart> {
  readonly #parts: readonly StreamPart[]
  readonly #turn: Promise<void>
  #take!: () => void
  /** What `result` resolved with. */
  reply: ChatReply | undefined = undefined
  #failure: { readonly error: unknown } | undefined

  constructor(parts: readonly StreamPart[]) {
    this.#parts = parts
    this.#turn = new Promise((resolve) => {
      this.#take = resolve
    })
  }

  /** Lets it end, as it ended then. */
  settle(fulfilled: boolean, value: unknown): void {
    if (fulfilled) this.reply = value as ChatReply
    else this.#failure = { error: value }
    this.#take()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamPart> {
    const last = this.#parts.at(-1)
    const ends = last?.type === 'finish'
    yield* ends ? this.#parts.slice(0, -1) : this.#parts
    await this.#turn
    if (this.#failure !== undefined) throw this.#failure.error
    if (ends) yield last
  }
}
