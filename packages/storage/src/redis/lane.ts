import { AiosError, type Clock, type TimerHandle } from '@aios/kernel/driver'
import type { Argument, Connection } from './connection.js'
import { IN_FLIGHT, SLOW_BYTES_PER_MS, WAITING_CALLS } from './limits.js'
import { Link } from './link.js'
import { isErrorReply, isMissingScript, redisFailure, unavailable } from './redis-failure.js'

/** Is one command that waits for its answer. */
interface Order {
  readonly bytes: number
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: unknown) => void
  args: readonly Argument[]
  /** What it was last sent on. */
  sentOn: Connection | undefined
  wasSent: boolean
  isDone: boolean
}

/** Says what a {@link Lane} stands on. */
export interface LaneOptions {
  readonly clock: Clock
  /** Names the store in messages. */
  readonly where: string
  /** Milliseconds without any answer after which all who wait are given up. */
  readonly timeoutMs: number
  dial(): Promise<Connection>
}

/**
 * Sends commands to Redis in the order in which they were asked for, many at once, and answers each once.
 *
 * When the connection is lost, what has no answer is sent again on the next one, in the same order; so every command has to
 * bear being sent twice. When there was no answer to anything for too long, all who wait are given up together: a later
 * write never stands where an earlier one, of the same moment, does not.
 */
export class Lane {
  readonly #options: LaneOptions
  readonly #link: Link
  #orders: Order[] = []
  /** The oldest without an answer, and the next to be sent. */
  #head = 0
  #next = 0
  #bytesInFlight = 0
  /** From which on orders are not sent for now. */
  #barrier = Number.POSITIVE_INFINITY
  /** When there was an answer last, or somebody began to wait. */
  #progressAt = 0
  #timer: TimerHandle | undefined = undefined
  #lastFailure: unknown = undefined
  #idle: (() => void)[] = []
  #isClosed = false

  constructor(options: LaneOptions) {
    this.#options = options
    this.#link = new Link({
      clock: options.clock,
      dial: () => options.dial(),
      up: () => {
        this.#pump()
      },
      down: (cause) => {
        this.#takeBack(cause)
      },
      failed: (cause) => {
        this.#failed(cause)
      },
    })
  }

  /** Connects. */
  start(): void {
    this.#link.start()
  }

  /**
   * Sends a command after all that were asked for before.
   *
   * @param bytes - about how much it carries
   * @throws AiosError `AIOS_STORE_UNAVAILABLE` and whatever else {@link redisFailure} makes of an answer
   */
  ask(args: readonly Argument[], bytes = 0): Promise<unknown> {
    const { where, clock } = this.#options
    if (this.#isClosed) return Promise.reject(new AiosError('AIOS_CLOSED', `The ${where} is closed.`))
    const waiting = this.#orders.length - this.#head
    if (this.#link.connection === undefined && waiting >= WAITING_CALLS) {
      const text = `there is no connection, and ${waiting} calls wait for one already.`
      return Promise.reject(unavailable(where, text, { cause: this.#lastFailure }))
    }
    return new Promise((resolve, reject) => {
      if (waiting === 0) this.#progressAt = clock.now()
      this.#orders.push({ args, bytes, resolve, reject, sentOn: undefined, wasSent: false, isDone: false })
      this.#pump()
      this.#watch()
    })
  }

  /** Sends nothing that is asked for from now on, until `release`. */
  hold(): void {
    this.#barrier = this.#orders.length
  }

  /** Ends a `hold`. */
  release(): void {
    this.#barrier = Number.POSITIVE_INFINITY
    this.#pump()
  }

  /** Waits until everything is answered or given up, and ends the connection. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#orders.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    await this.#link.close()
  }

  #pump(): void {
    const connection = this.#link.connection
    if (connection === undefined) return
    while (this.#next < Math.min(this.#orders.length, this.#barrier)) {
      const inFlight = this.#next - this.#head
      const order = this.#orders[this.#next]!
      if (inFlight >= IN_FLIGHT.commands) return
      if (inFlight > 0 && this.#bytesInFlight + order.bytes > IN_FLIGHT.bytes) return
      this.#next += 1
      this.#send(order, connection)
    }
  }

  #send(order: Order, connection: Connection): void {
    if (order.isDone) return
    order.sentOn = connection
    order.wasSent = true
    this.#bytesInFlight += order.bytes
    connection.send(order.args).then(
      (reply) => {
        if (order.sentOn === connection) this.#answer(order, () => order.resolve(reply))
      },
      (error: unknown) => {
        if (order.sentOn !== connection || order.isDone) return
        // Without a script nothing was done: connecting again loads it, and keeps the order of what was sent since.
        if (!isErrorReply(error) || isMissingScript(error)) this.#link.drop(connection, error)
        else this.#answer(order, () => order.reject(redisFailure(this.#options.where, error)))
      },
    )
  }

  #answer(order: Order, settle: () => void): void {
    if (order.isDone) return
    order.isDone = true
    order.args = []
    this.#bytesInFlight -= order.bytes
    this.#progressAt = this.#options.clock.now()
    settle()
    this.#forget()
    this.#pump()
    this.#watch()
  }

  /** Lets go of what is answered. */
  #forget(): void {
    while (this.#orders[this.#head]?.isDone === true) this.#head += 1
    if (this.#head < this.#orders.length && this.#head < IN_FLIGHT.commands) return
    this.#orders.splice(0, this.#head)
    this.#next -= this.#head
    this.#barrier -= this.#head
    this.#head = 0
    if (this.#orders.length > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Makes ready for the next connection what the lost one did not answer. */
  #takeBack(cause: unknown): void {
    this.#lastFailure = cause
    for (const order of this.#orders.slice(this.#head, this.#next)) order.sentOn = undefined
    this.#next = this.#head
    this.#bytesInFlight = 0
  }

  #failed(cause: unknown): void {
    this.#lastFailure = cause
    const failure = isErrorReply(cause) ? redisFailure(this.#options.where, cause) : undefined
    // Waiting does not help where Redis refuses us.
    if (failure !== undefined && !failure.retryable) this.#giveUp(() => failure)
  }

  /** Keeps one timer for the oldest that waits. */
  #watch(): void {
    const oldest = this.#orders[this.#head]
    if (oldest === undefined) {
      this.#timer?.cancel()
      this.#timer = undefined
      return
    }
    if (this.#timer !== undefined) return
    const { clock, timeoutMs } = this.#options
    const limitMs = timeoutMs + oldest.bytes / SLOW_BYTES_PER_MS
    this.#timer = clock.after(Math.max(0, this.#progressAt + limitMs - clock.now()), () => {
      this.#timer = undefined
      if (clock.now() < this.#progressAt + limitMs) this.#watch()
      else this.#late()
    })
  }

  #late(): void {
    const { where, timeoutMs } = this.#options
    const connection = this.#link.connection
    const cause = this.#lastFailure
    this.#giveUp((order) => {
      const outcome = order.wasSent ? 'A write may have happened.' : 'Nothing was sent.'
      const text =
        connection === undefined
          ? `there was no connection to Redis for ${timeoutMs} ms. ${outcome}`
          : `Redis did not answer for ${timeoutMs} ms. ${outcome}`
      return unavailable(where, text, cause === undefined ? {} : { cause })
    })
    if (connection !== undefined) this.#link.drop(connection, new Error(`Redis did not answer for ${timeoutMs} ms.`))
  }

  #giveUp(failureOf: (order: Order) => unknown): void {
    const orders = this.#orders.slice(this.#head)
    for (const order of orders) {
      if (order.isDone) continue
      const failure = failureOf(order)
      order.isDone = true
      order.reject(failure)
    }
    this.#head = this.#orders.length
    this.#next = this.#head
    this.#bytesInFlight = 0
    this.#forget()
    this.#watch()
  }
}
