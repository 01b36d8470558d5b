import { AiosError, type ChangeFeeds, type Clock, type Durability, type RecordWrite } from '@aios/kernel/driver'
import { ChangeReader } from './change-reader.js'
import { Connection, type Argument } from './connection.js'
import { Lane } from './lane.js'
import type { Layout } from './layout.js'
import { SCRIPTS } from './script.js'
import { RecordReader } from './record-reader.js'
import type { RedisClient, RedisRecordsSettings } from './redis-records-options.js'
import { readDurability } from './server-settings.js'
import { checkBatchBytes, newerSchema, writeCommand, writeOutcome, type WriteOutcome } from './write-command.js'

/** Says what a {@link Session} stands on. */
export interface SessionOptions {
  readonly client: RedisClient
  readonly clock: Clock
  readonly layout: Layout
  readonly settings: RedisRecordsSettings
  readonly feeds: ChangeFeeds
}

/** Is the time from the first `open` of a store to the last `close`: its connections, and the count of its writes. */
export class Session {
  readonly reader: RecordReader
  readonly changes: ChangeReader
  readonly #options: SessionOptions
  readonly #where: string
  readonly #lane: Lane
  #id = ''
  #writes = 0
  #exports = 0
  /** Whether there is a write that may still come to Redis on a connection that was lost. */
  #isUncertain = false

  constructor(options: SessionOptions) {
    const { clock, layout, settings, feeds } = options
    const where = `record store "${settings.id}"`
    const { timeoutMs } = settings
    this.#options = options
    this.#where = where
    this.#lane = new Lane({ clock, where, timeoutMs, dial: () => this.#dial(loadScripts) })
    this.reader = new RecordReader({ where, layout, ask: (args) => this.#lane.ask(args) })
    this.changes = new ChangeReader({
      clock,
      where,
      timeoutMs,
      feeds,
      channel: layout.changes,
      countFacts: ['HGET', layout.meta, 'facts'],
      lane: this.#lane,
      dial: (prepare) => this.#dial(prepare),
    })
  }

  /**
   * Connects and looks at what is there.
   *
   * @returns what acknowledged writes survive
   */
  async open(): Promise<Durability> {
    const { layout, settings } = this.#options
    this.#lane.start()
    try {
      const reply = await this.ask(['EVALSHA', SCRIPTS.begin.sha, '2', layout.meta, layout.spaces])
      this.#id = this.#begun(String(reply))
      if (settings.durability !== undefined) return settings.durability
      return (await readDurability(this.#where, (args) => this.ask(args))) ?? 'process'
    } catch (error) {
      await this.#lane.close()
      throw error
    }
  }

  /** Waits for what was asked before, hands on what it changed, and ends the connections. */
  async close(): Promise<void> {
    const forgotten = this.#isUncertain ? undefined : this.ask(['UNLINK', this.#options.layout.session(this.#id)])
    // What is left of it goes by itself after a time.
    forgotten?.catch(() => undefined)
    await this.#lane.close()
    await this.changes.catchUp()
    await this.changes.close()
  }

  /** Sends a command that reads, or that may be done twice. */
  ask(args: readonly Argument[]): Promise<unknown> {
    return this.#lane.ask(args)
  }

  /** Commits writes, wholly or not at all and never twice; copies what they hold before it returns. */
  async commit(writes: readonly RecordWrite[]): Promise<WriteOutcome> {
    if (writes.length === 0) return { base: 0, removed: 0 }
    checkBatchBytes(writes)
    this.#writes += 1
    const turn = { layout: this.#options.layout, session: this.#id, number: this.#writes }
    const { args, bytes } = writeCommand(turn, writes)
    // Keys without values: an error names the record, and the caller may reuse its bytes by then.
    const records = writes.map(({ space, key, ifVersion }) => ({ space, key: new Uint8Array(key), ifVersion }))
    try {
      return writeOutcome(this.#where, records, await this.#lane.ask(args, bytes))
    } catch (error) {
      this.#isUncertain ||= AiosError.is(error, 'AIOS_STORE_UNAVAILABLE')
      throw error
    }
  }

  /** Returns a name for the copies of an export. */
  copyId(): string {
    this.#exports += 1
    return `${this.#id}-${this.#exports}`
  }

  #begun(reply: string): string {
    const [word, found = ''] = reply.split(' ')
    if (word === 'ok') return found
    if (word === 'schema') throw newerSchema(this.#where, found)
    const text = `Expected keys that begin with "${this.#options.layout.root}" to be of a record store, got others; they were left as they are.`
    throw new AiosError('AIOS_CORRUPT', `${text} Use another "prefix", or take them away.`)
  }

  #dial(prepare: (connection: Connection) => Promise<unknown>): Promise<Connection> {
    const { client, clock, settings } = this.#options
    // Half, so that there is time for a second try before who waits is given up.
    const timeoutMs = Math.ceil(settings.timeoutMs / 2)
    return Connection.open({ client, clock, where: this.#where, timeoutMs }, prepare)
  }
}

async function loadScripts(connection: Connection): Promise<void> {
  for (const { text } of Object.values(SCRIPTS)) await connection.send(['SCRIPT', 'LOAD', text])
}
