import { CHANGE_FEED_FACTS } from '../limits.js'
import type { RecordChange, RecordWatch } from './record-store.js'

type Fact = IteratorResult<RecordChange, undefined>

/** Buffers the changes for one reader; beyond the bound the oldest are dropped and counted. */
class ChangeFeed implements AsyncIterableIterator<RecordChange, undefined> {
  readonly #space: string | undefined
  readonly #signal: AbortSignal | undefined
  readonly #ended: () => void
  readonly #waiting: ((fact: Fact) => void)[] = []
  readonly #abort = (): void => {
    this.end()
  }
  #facts: RecordChange[] = []
  /** Facts at the beginning of the buffer that were read. */
  #read = 0
  #lost = 0
  #isDone = false

  constructor({ space, signal }: RecordWatch, ended: () => void) {
    this.#space = space
    this.#signal = signal
    this.#ended = ended
  }

  /** Begins to listen to the signal. */
  start(): this {
    if (this.#signal?.aborted === true) this.end()
    else this.#signal?.addEventListener('abort', this.#abort, { once: true })
    return this
  }

  push(change: RecordChange): void {
    if (this.#isDone) return
    if (change.type !== 'lost' && this.#space !== undefined && change.space !== this.#space) return
    const reader = this.#waiting.shift()
    if (reader !== undefined) {
      reader({ done: false, value: change })
      return
    }
    this.#facts.push(change)
    if (this.#facts.length - this.#read <= CHANGE_FEED_FACTS) return
    const dropped = this.#take()
    this.#lost += dropped?.type === 'lost' ? dropped.count : 1
  }

  /** Ends the feed after what is buffered. */
  end(): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#signal?.removeEventListener('abort', this.#abort)
    this.#ended()
    for (const reader of this.#waiting.splice(0)) reader({ done: true, value: undefined })
  }

  next(): Promise<Fact> {
    if (this.#lost > 0) {
      const count = this.#lost
      this.#lost = 0
      return Promise.resolve({ done: false, value: { type: 'lost', count } })
    }
    const value = this.#take()
    if (value !== undefined) return Promise.resolve({ done: false, value })
    if (this.#isDone) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  return(): Promise<Fact> {
    this.#facts = []
    this.#read = 0
    this.#lost = 0
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #take(): RecordChange | undefined {
    const fact = this.#facts[this.#read]
    if (fact === undefined) return undefined
    this.#read += 1
    // What was read goes in one piece, so that a fact costs the same however long the buffer is.
    if (this.#read === this.#facts.length || this.#read > CHANGE_FEED_FACTS) {
      this.#facts = this.#facts.slice(this.#read)
      this.#read = 0
    }
    return fact
  }
}

/** Hands the changes of a store to whoever watches it. A feed that is not read costs a bounded buffer, until it ends. */
export class ChangeFeeds {
  readonly #feeds = new Set<ChangeFeed>()

  /** Whether anyone watches, so that a driver makes no facts that nobody reads. */
  get isWatched(): boolean {
    return this.#feeds.size > 0
  }

  /**
   * Tells every reader what was committed, in the order of the commits. A fact `lost` goes to all of them: use it where the
   * driver itself missed changes of another opener.
   */
  publish(changes: Iterable<RecordChange>): void {
    if (this.#feeds.size === 0) return
    for (const change of changes) for (const feed of this.#feeds) feed.push(change)
  }

  /** Adds a reader from now on. Check the options before. It is gone when its loop is left, its signal aborts, or by `close`. */
  watch(options: RecordWatch = {}): AsyncIterableIterator<RecordChange> {
    const feed: ChangeFeed = new ChangeFeed(options, () => {
      this.#feeds.delete(feed)
    })
    this.#feeds.add(feed)
    return feed.start()
  }

  /** Ends all feeds after what they have buffered. */
  close(): void {
    for (const feed of this.#feeds) feed.end()
  }
}
