import type { Clock, TimerHandle } from '@aios/kernel/driver'
import type { Connection } from './connection.js'
import { RECONNECT_MS } from './limits.js'

/** Says what a {@link Link} keeps up, and whom it tells. */
export interface LinkOptions {
  readonly clock: Clock
  /** Makes a connection that is ready for use. */
  dial(): Promise<Connection>
  up(connection: Connection): void
  /** Is told that the connection is lost. */
  down(cause: unknown): void
  /** Is told that there is still none. */
  failed(cause: unknown): void
}

/** Keeps a connection up: makes a new one, ever more slowly, as often as one is lost. */
export class Link {
  readonly #options: LinkOptions
  #connection: Connection | undefined = undefined
  #pause: TimerHandle | undefined = undefined
  #dialling: Promise<void> | undefined = undefined
  #failures = 0
  #isClosed = false

  constructor(options: LinkOptions) {
    this.#options = options
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  /** Makes the first connection. */
  start(): void {
    this.#dialling = this.#dial()
  }

  /** Gives a connection up and makes another; does nothing if it is not the one that is used. */
  drop(connection: Connection, cause: unknown): void {
    if (connection !== this.#connection) return
    this.#connection = undefined
    connection.destroy()
    if (this.#isClosed) return
    this.#options.down(cause)
    this.#dialAfterPause()
  }

  /** Ends the connection, and the attempts to make one. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#pause?.cancel()
    this.#connection?.destroy()
    this.#connection = undefined
    await this.#dialling
  }

  #dialAfterPause(): void {
    const { first, most } = RECONNECT_MS
    const delayMs = Math.min(first * 2 ** this.#failures, most)
    this.#pause = this.#options.clock.after(delayMs, () => {
      this.#dialling = this.#dial()
    })
  }

  async #dial(): Promise<void> {
    let connection: Connection
    try {
      connection = await this.#options.dial()
    } catch (error) {
      if (this.#isClosed) return
      this.#failures += 1
      this.#dialAfterPause()
      this.#options.failed(error)
      return
    }
    if (this.#isClosed) {
      connection.destroy()
      return
    }
    this.#failures = 0
    this.#connection = connection
    connection.onLost((cause) => {
      this.drop(connection, cause)
    })
    if (this.#connection === connection) this.#options.up(connection)
  }
}
