import type { Clock } from '@aios/kernel/driver'
import type { createClient } from 'redis'
import type { RedisClient } from './redis-records-options.js'
import { unavailable } from './redis-failure.js'
import { withTimeLimit } from './time-limit.js'

type Duplicate = ReturnType<typeof createClient>

/** Is a part of a command to Redis. */
export type Argument = string | Buffer

/** Says that strings of answers are wanted as bytes: 36 is `$`, by which the protocol marks them. */
const AS_BYTES = { 36: Buffer } as const

/** Says how a {@link Connection} is made. */
export interface ConnectionOptions {
  /** Whose settings it has. */
  readonly client: RedisClient
  readonly clock: Clock
  /** Names the store in messages. */
  readonly where: string
  /** Milliseconds that connecting may take. */
  readonly timeoutMs: number
}

/**
 * Is one connection of our own, made with the settings of a user's client. It never connects again by itself: with it, all
 * that was sent on it has failed.
 */
export class Connection {
  readonly #client: Duplicate
  #isLost = false
  #lost: ((cause: unknown) => void) | undefined = undefined
  #cause: unknown = undefined

  private constructor(client: Duplicate) {
    this.#client = client
    client.on('error', (cause: unknown) => {
      this.#fail(cause)
    })
  }

  /**
   * Connects.
   *
   * @param prepare - what has to be done before the connection is used; its time counts
   */
  static async open(
    { client, clock, where, timeoutMs }: ConnectionOptions,
    prepare: (connection: Connection) => Promise<unknown>,
  ): Promise<Connection> {
    const connection = new Connection(duplicateOf(client, timeoutMs))
    const late = (): unknown =>
      unavailable(where, `Redis took no connection within ${timeoutMs} ms. See whether it runs and is reachable.`)
    try {
      const ready = connection.#client.connect().then(() => prepare(connection))
      await withTimeLimit(ready, { clock, timeoutMs, late })
    } catch (error) {
      connection.destroy()
      throw error
    }
    return connection
  }

  /** Calls back once when the connection is lost, also if it was lost before; not after `destroy`. */
  onLost(lost: (cause: unknown) => void): void {
    this.#lost = lost
    if (this.#isLost) lost(this.#cause)
  }

  /** Sends a command; bytes come back as Buffers. */
  send(args: readonly Argument[]): Promise<unknown> {
    // The client's own limit would take one command from the middle of a sequence.
    return this.#client.sendCommand<never>(args, { typeMapping: AS_BYTES, timeout: undefined } as never)
  }

  /** Listens to a channel. */
  async subscribe(channel: string, listener: (message: Buffer) => void): Promise<void> {
    await this.#client.subscribe(channel, listener, true)
  }

  /** Ends it at once; whatever waits for an answer fails. */
  destroy(): void {
    this.#lost = undefined
    if (this.#client.isOpen) this.#client.destroy()
  }

  #fail(cause: unknown): void {
    if (this.#isLost) return
    this.#isLost = true
    this.#cause = cause
    this.#lost?.(cause)
  }
}

function duplicateOf(client: RedisClient, timeoutMs: number): Duplicate {
  const { socket } = client.options ?? {}
  return client.duplicate({
    // Protocol 3 lets a connection that listens to a channel also answer.
    RESP: 3,
    disableOfflineQueue: true,
    commandsQueueMaxLength: undefined,
    commandOptions: {},
    keyPrefix: undefined,
    clientSideCache: undefined,
    emitInvalidate: false,
    readonly: false,
    pingInterval: undefined,
    maintNotifications: 'disabled',
    socket: { ...socket, reconnectStrategy: false, connectTimeout: timeoutMs, socketTimeout: undefined },
  }) as Duplicate
}
