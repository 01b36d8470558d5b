import { ChangeFeeds } from './change-feed.js'
import { checkedIteration } from './checked-iteration.js'
import { encodeRecords } from './encode-records.js'
import type { ExportedRecord } from './export-format.js'
import { importRecords } from './import-records.js'
import { OpenCount } from './open-count.js'
import { RamSpace, type TextRange } from './ram-space.js'
import { keyText, recordArguments } from './record-arguments.js'
import { recordFailure } from './record-failure.js'
import type {
  Durability,
  RecordChange,
  RecordCondition,
  RecordRange,
  RecordSize,
  RecordStore,
  RecordWatch,
  RecordWrite,
  StoredRecord,
} from './record-store.js'

/**
 * Makes a record store that keeps everything in RAM: fast, and gone with the process. The records belong to the object: they
 * outlive `close` and are there after the next `open`, so that a test can stop a kernel and start another one on them.
 *
 * @example
 * ```ts
 * import { ramRecords } from '@aios/kernel'
 *
 * const records = ramRecords()
 * await records.open()
 * const version = await records.put('notes', Buffer.from('1'), Buffer.from('Rain is likely'))
 * await records.put('notes', Buffer.from('1'), Buffer.from('It rains'), { ifVersion: version })
 * console.log((await records.get('notes', Buffer.from('1')))?.value.byteLength) // 8
 * await records.close()
 * ```
 */
export function ramRecords(): RecordStore {
  return new RamRecords()
}

const ID = 'ram'

class RamRecords implements RecordStore {
  readonly id = ID
  readonly durability: Durability = 'none'
  readonly #spaces = new Map<string, RamSpace>()
  readonly #feeds = new ChangeFeeds()
  readonly #openers = new OpenCount({
    id: ID,
    close: async () => {
      this.#feeds.close()
    },
  })
  #version = 0

  open(): Promise<void> {
    return this.#openers.open()
  }

  close(): Promise<void> {
    return this.#openers.close()
  }

  async get(space: string, key: Uint8Array): Promise<StoredRecord | undefined> {
    recordArguments.record(space, key)
    this.#openers.check()
    return this.#spaces.get(space)?.get(key)
  }

  async getMany(space: string, keys: readonly Uint8Array[]): Promise<readonly (StoredRecord | undefined)[]> {
    recordArguments.records(space, keys)
    this.#openers.check()
    const records = this.#spaces.get(space)
    return keys.map((key) => records?.get(key))
  }

  range(space: string, range?: RecordRange): AsyncIterable<StoredRecord> {
    return checkedIteration(() => {
      recordArguments.range(space, range)
      const { from, to, reverse = false, limit = Number.POSITIVE_INFINITY } = range ?? {}
      const bounds = {
        from: from === undefined ? '' : keyText(from),
        to: to === undefined ? undefined : keyText(to),
        reverse,
      }
      return this.#range(space, bounds, { limit, opening: this.#openers.check() })
    })
  }

  async put(...[space, key, value, condition]: Parameters<RecordStore['put']>): Promise<number> {
    recordArguments.record(space, key)
    recordArguments.value(value)
    recordArguments.condition(condition)
    this.#commit([{ op: 'put', space, key, value, ifVersion: condition?.ifVersion }])
    return this.#version
  }

  async remove(space: string, key: Uint8Array, condition?: RecordCondition): Promise<boolean> {
    recordArguments.record(space, key)
    recordArguments.condition(condition)
    const wasThere = this.#spaces.get(space)?.get(key) !== undefined
    this.#commit([{ op: 'remove', space, key, ifVersion: condition?.ifVersion }])
    return wasThere
  }

  async batch(writes: readonly RecordWrite[]): Promise<void> {
    recordArguments.batch(writes)
    this.#commit(writes)
  }

  watch(options?: RecordWatch): AsyncIterable<RecordChange> {
    return checkedIteration(() => {
      recordArguments.watch(options)
      this.#openers.check()
      return this.#feeds.watch(options)
    })
  }

  async size(space?: string): Promise<RecordSize> {
    if (space !== undefined) recordArguments.space(space)
    this.#openers.check()
    const sizes = space === undefined ? [...this.#spaces.values()] : [this.#spaces.get(space)]
    let [records, bytes] = [0, 0]
    for (const each of sizes) {
      records += each?.size.records ?? 0
      bytes += each?.size.bytes ?? 0
    }
    return { records, bytes }
  }

  /** Has nothing to do: a removed record is gone at once. */
  async compact(): Promise<void> {
    this.#openers.check()
  }

  export(): AsyncIterable<Uint8Array> {
    return checkedIteration(() => encodeRecords(this.#all(this.#openers.check())))
  }

  async import(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
    const opening = this.#openers.check()
    return importRecords(chunks, async (writes) => {
      this.#openers.check(opening)
      this.#commit(writes)
    })
  }

  async *#range(
    space: string,
    range: TextRange,
    { limit, opening }: { readonly limit: number; readonly opening: number },
  ): AsyncGenerator<StoredRecord, void, undefined> {
    this.#openers.check(opening)
    let record = this.#spaces.get(space)?.first(range)
    for (let left = limit; record !== undefined && left > 0; left -= 1) {
      yield record
      this.#openers.check(opening)
      record = this.#spaces.get(space)?.next(range, record)
    }
  }

  *#all(opening: number): Generator<ExportedRecord, void, undefined> {
    // One array of all: what is written from now on changes none of it.
    const spaces = [...this.#spaces].map(([space, held]) => ({ space, records: held.all() }))
    for (const { space, records } of spaces) {
      for (const { key, value } of records) {
        this.#openers.check(opening)
        yield { space, key, value }
      }
    }
  }

  /** Checks all conditions, then makes all changes; nothing else can come between. */
  #commit(writes: readonly RecordWrite[]): void {
    this.#openers.check()
    for (const { space, key, ifVersion } of writes) {
      if (ifVersion === undefined) continue
      const found = this.#spaces.get(space)?.get(key)?.version ?? 0
      if (found !== ifVersion) throw recordFailure.conflict({ space, key: new Uint8Array(key) }, ifVersion, found)
    }
    const changes = writes.map((write) => this.#change(write))
    this.#feeds.publish(changes.filter((change) => change !== undefined))
  }

  #change(write: RecordWrite): RecordChange | undefined {
    const { space } = write
    let records = this.#spaces.get(space)
    if (write.op === 'remove') {
      const record = records?.get(write.key)
      if (record === undefined) return undefined
      records?.remove(record)
      return { type: 'remove', space, key: record.key }
    }
    if (records === undefined) this.#spaces.set(space, (records = new RamSpace()))
    const [key, value] = [new Uint8Array(write.key), new Uint8Array(write.value)]
    this.#version += 1
    records.put({ key, value, version: this.#version })
    return { type: 'put', space, key, version: this.#version }
  }
}
