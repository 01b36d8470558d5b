import type { ChangeFeeds, Clock } from '@aios/kernel/driver'
import { readChangeMessage } from './change-message.js'
import type { Connection } from './connection.js'
import type { Lane } from './lane.js'
import { Link } from './link.js'
import { isErrorReply, redisFailure } from './redis-failure.js'
import { withTimeLimit } from './time-limit.js'

/** Says what a {@link ChangeReader} stands on. */
export interface ChangeReaderOptions {
  readonly clock: Clock
  /** Names the store in messages. */
  readonly where: string
  readonly channel: string
  /** Milliseconds that catching up may take. */
  readonly timeoutMs: number
  readonly feeds: ChangeFeeds
  readonly lane: Lane
  /** Counts the facts that the store told until now. */
  readonly countFacts: readonly string[]
  dial(prepare: (connection: Connection) => Promise<unknown>): Promise<Connection>
}

/**
 * Hands what the writes of all openers publish to the feeds of this one. Redis keeps no message for who is not connected; but
 * each one says how many facts came before, so what was missed is counted.
 */
export class ChangeReader {
  readonly #options: ChangeReaderOptions
  readonly #link: Link
  #hasBegun = false
  /** Facts that were told until now, as far as we know. */
  #told: number | undefined = undefined
  #failure: Error | undefined = undefined

  constructor(options: ChangeReaderOptions) {
    this.#options = options
    this.#link = new Link({
      clock: options.clock,
      dial: () => options.dial((connection) => this.#listen(connection)),
      up: () => {
        options.lane.release()
      },
      down: () => undefined,
      failed: (cause) => {
        this.#failed(cause)
      },
    })
  }

  /** Why there will be no more changes; undefined while there is nothing wrong. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Begins to listen, if it has not begun. Commands that are asked for from now on wait until it listens. */
  begin(): void {
    if (this.#hasBegun) return
    this.#hasBegun = true
    const { lane, countFacts } = this.#options
    const counted = lane.ask(countFacts)
    lane.hold()
    counted.then(
      (reply) => {
        this.#told = factsOf(reply)
        this.#link.start()
      },
      () => {
        // From where it listens is found out when it does.
        lane.release()
        this.#link.start()
      },
    )
  }

  /** Hands on what was published until now. */
  async catchUp(): Promise<void> {
    const connection = this.#link.connection
    if (connection === undefined) return
    const { clock, timeoutMs } = this.#options
    const late = (): unknown => new Error(`Redis did not answer for ${timeoutMs} ms.`)
    // If the connection fails now, what it had not told is lost, as ever.
    await withTimeLimit(this.#compare(connection), { clock, timeoutMs, late }).catch(() => undefined)
  }

  /** Ends listening. */
  close(): Promise<void> {
    return this.#link.close()
  }

  async #listen(connection: Connection): Promise<void> {
    await connection.subscribe(this.#options.channel, (bytes) => {
      this.#take(bytes)
    })
    await this.#compare(connection)
  }

  /** Compares what came with what was told: on one connection messages come before the answer that counts them. */
  async #compare(connection: Connection): Promise<void> {
    const told = factsOf(await connection.send(this.#options.countFacts))
    this.#told ??= told
    if (told > this.#told) this.#miss(told - this.#told, told)
  }

  #take(bytes: Buffer): void {
    const message = readChangeMessage(bytes)
    if (message === undefined) return
    const { before, changes } = message
    // Fewer than before: the store was emptied from outside, which nobody told.
    if (this.#told !== undefined && before !== this.#told) this.#miss(Math.max(1, before - this.#told), before)
    this.#told = before + changes.length
    this.#options.feeds.publish(changes)
  }

  #miss(count: number, told: number): void {
    this.#told = told
    this.#options.feeds.publish([{ type: 'lost', count }])
  }

  #failed(cause: unknown): void {
    const { lane, feeds, where } = this.#options
    lane.release()
    const failure = isErrorReply(cause) ? redisFailure(where, cause) : undefined
    if (failure === undefined || failure.retryable) return
    this.#failure = failure
    feeds.close()
  }
}

function factsOf(reply: unknown): number {
  return Number(Buffer.isBuffer(reply) ? reply.toString('latin1') : 0)
}
