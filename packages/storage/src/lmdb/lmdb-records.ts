import {
  AiosError,
  ChangeFeeds,
  checkedIteration,
  encodeRecords,
  importRecords,
  OpenCount,
  recordArguments,
  recordFailure,
  type RecordChange,
  type RecordCondition,
  type RecordRange,
  type RecordSize,
  type RecordStore,
  type RecordWatch,
  type RecordWrite,
  type StoredRecord,
} from '@aios/kernel/driver'
import { resolve } from 'node:path'
import { Connection } from './connection.js'
import { lmdbFailure } from './lmdb-failure.js'
import { lmdbSettings, type LmdbRecordsOptions, type LmdbSettings } from './lmdb-options.js'
import type { NativeWrite } from './native-batch.js'
import { HEAD_BYTES } from './record-format.js'
import { snapshotRecord, type SnapshotRecord, type WalkRange } from './record-reader.js'
import { makeTarget } from './store-directory.js'
import { STORE_SCHEMA, type StoreSchema } from './store-schema.js'
import { boundsOf, boundsOfAll, partKey, spacePrefix, type SpacePrefix, type StoredKey } from './stored-key.js'

/** Prefixes that are remembered, since most programs name few spaces. */
const PREFIXES = 1_024
const ID = 'lmdb'

/** Is a record store in a directory. */
export interface LmdbRecordStore extends RecordStore {
  /**
   * Writes a copy of the store as it is at one moment, without free room, while it goes on working. The copy is a store
   * itself; so this is also how a store becomes smaller.
   *
   * @param dir - directory that is empty, or not there yet
   * @throws AiosError `AIOS_INVALID_OPTION` if something is in it
   */
  backup(dir: string): Promise<void>
}

/**
 * Keeps records in a directory of this machine, in one LMDB environment: ordered, durable, for several processes. Reads come from a memory map; writes go to a thread of LMDB, which commits all that came meanwhile at once.
 *
 * - **Durable.** With `process`, the default, an acknowledged write survives the kill of the process, not the loss of power;
 *   with `power` both.
 * - **Checked.** Before LMDB, which trusts its file, gets a directory, its pages are looked at: one that is damaged, or of
 *   somebody else, is refused with `AIOS_CORRUPT` and left as it is. Each record has a checksum over space, key, version
 *   and value, which every read compares.
 * - **Shared.** Several objects of a process, and several processes, may use a directory at once, all that write with the same
 *   `durability`. Processes write by turns of some milliseconds. A turn that is not to be had within 5 seconds, since the process that
 *   has it is stopped or blocked, rejects what waits, writes and openings, with `AIOS_STORE_UNAVAILABLE`, which names that process:
 *   such a write was not made. Another durability, or a schema that would have to be changed beside others, is refused the
 *   same way. The directory must be on a disk of this machine.
 * - `watch` tells what this object commits, not what others do.
 * - `compact` frees what ended processes held. Room of removed records is used again and the file does not grow;
 *   it does not shrink either: `backup` writes a small copy.
 *
 * @param dir - directory, made with its parents if it is not there
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key or an impossible value
 * @example
 * ```ts
 * import { lmdbRecords } from '@aios/storage/lmdb'
 *
 * const records = lmdbRecords('./.aios/records')
 * await records.open()
 * const key = new TextEncoder().encode('greeting')
 * const version = await records.put('notes', key, new TextEncoder().encode('hello'))
 * await records.put('notes', key, new TextEncoder().encode('hello, world'), { ifVersion: version })
 * for await (const record of records.range('notes')) console.log(new TextDecoder().decode(record.value)) // hello, world
 * await records.close()
 * ```
 */
export function lmdbRecords(dir: string, options: LmdbRecordsOptions = {}): LmdbRecordStore {
  return new LmdbRecords(lmdbSettings(dir, options), STORE_SCHEMA)
}

/** Implements the contract; with a schema of its own only in tests. */
export class LmdbRecords implements LmdbRecordStore {
  readonly id = ID
  readonly durability: LmdbSettings['durability']
  readonly #settings: LmdbSettings
  readonly #opening: OpenCount
  readonly #feeds = new ChangeFeeds()
  readonly #prefixes = new Map<string, SpacePrefix>()
  readonly #prefixOf = (space: string): SpacePrefix => this.#prefix(space)
  #connection: Connection | undefined = undefined

  constructor(settings: LmdbSettings, schema: StoreSchema) {
    this.durability = settings.durability
    this.#settings = settings
    this.#opening = new OpenCount({
      id: ID,
      open: async () => {
        this.#connection = await Connection.open(settings, schema)
      },
      close: async () => {
        const connection = this.#connection
        this.#connection = undefined
        try {
          if (connection !== undefined) await this.#translated(() => connection.close())
        } finally {
          this.#feeds.close()
        }
      },
    })
  }

  open(): Promise<void> {
    return this.#opening.open()
  }

  close(): Promise<void> {
    return this.#opening.close()
  }

  async get(space: string, key: Uint8Array): Promise<StoredRecord | undefined> {
    recordArguments.record(space, key)
    const connection = this.#open()
    return this.#found(connection, space, key)
  }

  async getMany(space: string, keys: readonly Uint8Array[]): Promise<readonly (StoredRecord | undefined)[]> {
    recordArguments.records(space, keys)
    const connection = this.#open()
    return keys.map((key) => this.#found(connection, space, key))
  }

  range(space: string, range: RecordRange = {}): AsyncIterable<StoredRecord> {
    return checkedIteration(() => {
      recordArguments.range(space, range)
      const { from, to } = range
      const bounds = { ...range, from: from && copied(from), to: to && copied(to) }
      return this.#open().reader.range(space, this.#prefix(space), bounds)
    })
  }

  async put(...[space, key, value, condition]: Parameters<RecordStore['put']>): Promise<number> {
    recordArguments.record(space, key)
    recordArguments.value(value)
    recordArguments.condition(condition)
    const { writer, reader } = this.#open(true)
    const version = writer.nextVersion()
    const write = { key: this.#key(space, key), value, version, ifVersion: condition?.ifVersion }
    const isMade = await this.#translated(() =>
      writer.put(write, () => {
        this.#publish({ type: 'put', space, key: write.key.key, version })
      }),
    )
    if (!isMade)
      throw recordFailure.conflict({ space, key: write.key.key }, write.ifVersion ?? 0, reader.version(write.key))
    return version
  }

  async remove(space: string, key: Uint8Array, condition?: RecordCondition): Promise<boolean> {
    recordArguments.record(space, key)
    recordArguments.condition(condition)
    const { writer, reader } = this.#open(true)
    const stored = this.#key(space, key)
    const wanted = condition?.ifVersion
    const made = (): void => {
      this.#publish({ type: 'remove', space, key: stored.key })
    }
    const isMade = await this.#translated(() =>
      wanted === 0 ? writer.isAbsent(stored) : writer.remove(stored, wanted, made),
    )
    if (!isMade && wanted !== undefined)
      throw recordFailure.conflict({ space, key: stored.key }, wanted, reader.version(stored))
    return isMade && wanted !== 0
  }

  async batch(writes: readonly RecordWrite[]): Promise<void> {
    recordArguments.batch(writes)
    const { writer, reader } = this.#open(true)
    if (writes.length === 0) return
    const spaces = new Map<NativeWrite, string>()
    for (const write of writes) spaces.set(this.#native(write, writer.nextVersion()), write.space)
    const native = [...spaces.keys()]
    const areMade = await this.#translated(() =>
      writer.batch(native, (removed) => {
        for (const [write, space] of spaces) this.#publishWrite(space, write, removed)
      }),
    )
    if (areMade) return
    // Which it was cannot be told afterwards; one that does not hold now is most likely it.
    const conditional = [...spaces].filter(([{ ifVersion }]) => ifVersion !== undefined)
    const suspects = conditional.filter(([{ key, ifVersion }]) => reader.version(key) !== ifVersion)
    for (const [{ key, ifVersion = 0 }, space] of suspects.length > 0 ? suspects : conditional)
      throw recordFailure.conflict({ space, key: key.key }, ifVersion, reader.version(key))
  }

  watch(options: RecordWatch = {}): AsyncIterable<RecordChange> {
    return checkedIteration(() => {
      recordArguments.watch(options)
      this.#open()
      return this.#feeds.watch(options)
    })
  }

  async size(space?: string): Promise<RecordSize> {
    if (space !== undefined) recordArguments.space(space)
    const { reader } = this.#open()
    const bounds = space === undefined ? boundsOfAll() : boundsOf(this.#prefix(space))
    let records = 0
    let bytes = 0
    for await (const entries of reader.snapshot(forwards(bounds), true)) {
      for (const { key, value } of entries) {
        records += 1
        bytes += (partKey(key)?.key.length ?? 0) + Math.max(Number(value) - HEAD_BYTES, 0)
      }
    }
    return { records, bytes }
  }

  async compact(): Promise<void> {
    this.#open(true).release()
  }

  export(): AsyncIterable<Uint8Array> {
    return checkedIteration(() => encodeRecords(this.#snapshot(this.#open())))
  }

  async import(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
    this.#open(true)
    const opening = this.#opening.check()
    return importRecords(chunks, (writes) => {
      this.#opening.check(opening)
      return this.batch(writes)
    })
  }

  async backup(dir: string): Promise<void> {
    const target = resolve(dir)
    const connection = this.#open()
    await makeTarget(target)
    await this.#translated(() => connection.backup(target))
  }

  async *#snapshot({ reader }: Connection): AsyncGenerator<SnapshotRecord, void, undefined> {
    for await (const entries of reader.snapshot(forwards(boundsOfAll())))
      for (const entry of entries) yield snapshotRecord(entry, this.#prefixOf)
  }

  #found({ reader, isDamaged }: Connection, space: string, key: Uint8Array): StoredRecord | undefined {
    const record = reader.get(space, { prefix: this.#prefix(space), key })
    if (record === undefined && isDamaged) throw recordFailure.corrupt({ space, key })
    return record
  }

  /** Returns the connection, or throws if the store is not open, or not for what is wanted. */
  #open(isWrite = false): Connection {
    this.#opening.check()
    const connection = this.#connection
    if (connection === undefined) throw new AiosError('AIOS_CLOSED', 'Expected an open record store, got a closed one.')
    if (isWrite && this.#settings.readOnly)
      throw new AiosError(
        'AIOS_STORE_UNAVAILABLE',
        `Expected a record store that can be written in "${this.#settings.dir}", got one that was opened with "readOnly".`,
        { retryable: false },
      )
    return connection
  }

  async #translated<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw await lmdbFailure(error, this.#settings.dir)
    }
  }

  #prefix(space: string): SpacePrefix {
    const known = this.#prefixes.get(space)
    if (known !== undefined) return known
    if (this.#prefixes.size >= PREFIXES) this.#prefixes.clear()
    const prefix = spacePrefix(space)
    this.#prefixes.set(space, prefix)
    return prefix
  }

  /** Makes a key with a copy of what the caller may change. */
  #key(space: string, key: Uint8Array): StoredKey {
    return { prefix: this.#prefix(space), key: copied(key) }
  }

  #native(write: RecordWrite, version: number): NativeWrite {
    const key = this.#key(write.space, write.key)
    return { key, value: write.op === 'put' ? write.value : undefined, ifVersion: write.ifVersion, version }
  }

  #publishWrite(space: string, write: NativeWrite, removed: ReadonlySet<NativeWrite>): void {
    const { key, value, version } = write
    if (value !== undefined) this.#publish({ type: 'put', space, key: key.key, version })
    else if (removed.has(write)) this.#publish({ type: 'remove', space, key: key.key })
  }

  #publish(change: RecordChange): void {
    if (this.#feeds.isWatched) this.#feeds.publish([change])
  }
}

function copied(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

function forwards({ first, end }: { readonly first: StoredKey; readonly end: StoredKey }): WalkRange {
  return { start: first, end, reverse: false, exclusiveStart: false, inclusiveEnd: false }
}
