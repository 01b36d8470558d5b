import type { ChatReply, StreamPart } from '../driver/chat.js'

/** Is a streamed answer of an earlier life: the parts that were delivered then, each when it is their turn, and how it ended. */
export class RecordedAnswer implements AsyncIterable<StreamPart> {
  readonly #parts: StreamPart[] = []
  #isOver = false
  #wake: (() => void) | undefined
  /** What `result` resolved with. */
  reply: ChatReply | undefined = undefined
  #failure: { readonly error: unknown } | undefined

  /** Delivers parts. The last of an answer comes when it settles. */
  add(parts: readonly StreamPart[]): void {
    this.#parts.push(...parts)
    this.#wake?.()
  }

  /** Lets it end, as it ended then. */
  settle(fulfilled: boolean, value: unknown): void {
    if (fulfilled) this.reply = value as ChatReply
    else this.#failure = { error: value }
    this.#isOver = true
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<StreamPart> {
    for (;;) {
      const [next] = this.#parts
      if (next !== undefined && next.type !== 'finish') {
        this.#parts.shift()
        yield next
      } else if (this.#isOver) {
        if (this.#failure !== undefined) throw this.#failure.error
        if (next !== undefined) yield next
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }
}
