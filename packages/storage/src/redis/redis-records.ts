import {
  AiosError,
  ChangeFeeds,
  checkedIteration,
  encodeRecords,
  importRecords,
  OpenCount,
  recordArguments,
  systemClock,
  type Durability,
  type RecordChange,
  type RecordCondition,
  type RecordRange,
  type RecordSize,
  type RecordStore,
  type RecordWatch,
  type RecordWrite,
  type StoredRecord,
} from '@aios/kernel/driver'
import { Layout } from './layout.js'
import { isForbidden } from './redis-failure.js'
import {
  redisRecordsSettings,
  type RedisClient,
  type RedisRecordsOptions,
  type RedisRecordsSettings,
} from './redis-records-options.js'
import { Session } from './session.js'

/**
 * Makes a record store in Redis 6.2 or newer, or in what speaks its protocol and has its scripts: for several machines that
 * share one store. Any number of processes may open it.
 *
 * - **Connections.** The client is a pattern: `open` makes one connection of the store's own with the client's settings, the
 *   first `watch` a second one, and `close` ends them. The client itself may be connected or not, is never used, and stays yours.
 * - **Order and atomicity.** A write, or a batch, is one script. The writes of a store are sent, and committed, in the order
 *   of the calls. When a connection is lost, the store makes another and sends again what has no answer; Redis remembers what it
 *   has done for whom, so nothing is done twice, conditions included.
 * - **Time.** Calls wait for a connection, or for an answer, at most `timeoutMs`. Then all that wait reject with
 *   `AIOS_STORE_UNAVAILABLE`; a write that was sent may have happened, or may happen until the next one.
 * - **Durability** is what Redis is set to: see `durability`. With `appendonly no`, records that were acknowledged outlive this
 *   process, but not Redis itself; with `appendfsync everysec` the last second does not survive the loss of power. A replica that takes over
 *   may lack the latest writes. A Redis that drops keys when its memory is full is refused.
 * - **Changes** of all openers are watched. While its connection is lost, a feed loses changes, and then says how many: those of
 *   all spaces.
 * - **Bounds.** A batch has at most 512 MiB of keys and values. An export copies all records inside of Redis, which needs as much memory again
 *   until it ends, and stops Redis for that moment.
 *
 * @param client - what `createClient()` of the package `redis` returned
 * @throws AiosError `AIOS_INVALID_OPTION` for something that is no such client, an unknown key or an impossible value
 * @example
 * ```ts
 * import { redisRecords } from '@aios/storage/redis'
 * import { createClient } from 'redis'
 *
 * const records = redisRecords(createClient({ url: 'redis://localhost:6379' }), { prefix: 'my-app:' })
 * await records.open()
 * const version = await records.put('notes', Buffer.from('1'), Buffer.from('Rain is likely'))
 * await records.put('notes', Buffer.from('1'), Buffer.from('It rains'), { ifVersion: version })
 * await records.close()
 * ```
 */
export function redisRecords(client: RedisClient, options: RedisRecordsOptions = {}): RecordStore {
  return new RedisRecords(client, redisRecordsSettings(client, options))
}

class RedisRecords implements RecordStore {
  readonly id: string
  readonly #client: RedisClient
  readonly #settings: RedisRecordsSettings
  readonly #feeds = new ChangeFeeds()
  readonly #openers: OpenCount
  #durability: Durability
  #session: Session | undefined = undefined

  constructor(client: RedisClient, settings: RedisRecordsSettings) {
    this.id = settings.id
    this.#client = client
    this.#settings = settings
    this.#durability = settings.durability ?? 'process'
    this.#openers = new OpenCount({ id: settings.id, open: () => this.#begin(), close: () => this.#end() })
  }

  get durability(): Durability {
    return this.#durability
  }

  open(): Promise<void> {
    return this.#openers.open()
  }

  close(): Promise<void> {
    return this.#openers.close()
  }

  async get(space: string, key: Uint8Array): Promise<StoredRecord | undefined> {
    recordArguments.record(space, key)
    return (await this.#now().reader.getMany(space, [key]))[0]
  }

  async getMany(space: string, keys: readonly Uint8Array[]): Promise<readonly (StoredRecord | undefined)[]> {
    recordArguments.records(space, keys)
    return this.#now().reader.getMany(space, keys)
  }

  range(space: string, range?: RecordRange): AsyncIterable<StoredRecord> {
    return checkedIteration(() => {
      recordArguments.range(space, range)
      const { from, to, reverse, limit } = range ?? {}
      const copied = { from: from && new Uint8Array(from), to: to && new Uint8Array(to), reverse, limit }
      return this.#during(this.#openers.check(), this.#now().reader.range(space, copied))
    })
  }

  async put(...[space, key, value, condition]: Parameters<RecordStore['put']>): Promise<number> {
    recordArguments.record(space, key)
    recordArguments.value(value)
    recordArguments.condition(condition)
    const write = { op: 'put', space, key, value, ifVersion: condition?.ifVersion } as const
    return (await this.#now().commit([write])).base + 1
  }

  async remove(space: string, key: Uint8Array, condition?: RecordCondition): Promise<boolean> {
    recordArguments.record(space, key)
    recordArguments.condition(condition)
    const write = { op: 'remove', space, key, ifVersion: condition?.ifVersion } as const
    return (await this.#now().commit([write])).removed > 0
  }

  async batch(writes: readonly RecordWrite[]): Promise<void> {
    recordArguments.batch(writes)
    await this.#now().commit(writes)
  }

  watch(options?: RecordWatch): AsyncIterable<RecordChange> {
    return checkedIteration(() => {
      recordArguments.watch(options)
      const { changes } = this.#now()
      const feed = this.#feeds.watch(options)
      changes.begin()
      return {
        [Symbol.asyncIterator]: () => ({
          async next() {
            const fact = await feed.next()
            if (fact.done === true && changes.failure !== undefined) throw changes.failure
            return fact
          },
          return: async () => (await feed.return?.()) ?? { done: true, value: undefined },
        }),
      }
    })
  }

  async size(space?: string): Promise<RecordSize> {
    if (space !== undefined) recordArguments.space(space)
    return this.#now().reader.size(space)
  }

  async compact(): Promise<void> {
    try {
      await this.#now().ask(['MEMORY', 'PURGE'])
    } catch (error) {
      // Records that are removed take no room in Redis; this only asks its allocator for what is left between the others.
      if (!isForbidden(error)) throw error
    }
  }

  export(): AsyncIterable<Uint8Array> {
    return checkedIteration(() => {
      const session = this.#now()
      return encodeRecords(this.#during(this.#openers.check(), session.reader.snapshot(session.copyId())))
    })
  }

  async import(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
    const opening = this.#openers.check()
    return importRecords(chunks, async (writes) => {
      this.#openers.check(opening)
      await this.#now().commit(writes)
    })
  }

  /** Returns the session if there is one, for what is asked now. */
  #now(): Session {
    this.#openers.check()
    if (this.#session !== undefined) return this.#session
    throw new AiosError('AIOS_BUG', `The record store "${this.id}" is open without a session.`)
  }

  /** Ends an iteration with `AIOS_CLOSED` once the store was closed. */
  async *#during<R>(opening: number, items: AsyncIterable<R>): AsyncGenerator<R, void, undefined> {
    this.#openers.check(opening)
    for await (const item of items) {
      yield item
      this.#openers.check(opening)
    }
  }

  async #begin(): Promise<void> {
    const [client, settings, feeds] = [this.#client, this.#settings, this.#feeds]
    const layout = new Layout(settings.prefix)
    const session = new Session({ client, clock: systemClock, layout, settings, feeds })
    this.#durability = await session.open()
    this.#session = session
  }

  async #end(): Promise<void> {
    await this.#session?.close()
    this.#session = undefined
    this.#feeds.close()
  }
}
