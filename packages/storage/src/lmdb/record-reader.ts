import { AiosError, recordFailure, type RecordRange, type StoredRecord } from '@aios/kernel/driver'
import {
  beginRead,
  letGo,
  versionRead,
  type NativeDatabase,
  type NativeEntry,
  type NativeRange,
  type NativeRead,
} from './native-database.js'
import { copyBytes, unpackRecord } from './record-format.js'
import { boundsOf, partKey, type SpacePrefix, type StoredKey } from './stored-key.js'

/** Records, and bytes of them, that are read at a stretch; then others have the thread. */
const STRETCH = { records: 128, sizes: 1_024, bytes: 262_144 } as const

/** Takes entries of a range out of the memory map, or only their sizes. */
export class EntryTaker {
  sizesOnly = false

  readonly take = (bytes: Uint8Array, size: number): Uint8Array | number =>
    this.sizesOnly ? size : copyBytes(bytes, size)
}

/** Is an entry of a stretch: its bytes, or how many they are. */
export type ReadEntry = NativeEntry

/** Chooses what a walk over a range reads. */
export type WalkRange = Pick<NativeRange, 'start' | 'end' | 'reverse' | 'exclusiveStart' | 'inclusiveEnd'>

/** Reads from the memory map. Each read sees the newest commit, of whatever process. */
export class RecordReader {
  readonly #database: NativeDatabase
  readonly #read: NativeRead
  readonly #options: { readonly transaction: NativeRead }
  readonly #taker: EntryTaker
  readonly #snapshots = new Set<NativeRead>()
  #isClosed = false

  constructor(database: NativeDatabase, taker: EntryTaker) {
    this.#database = database
    this.#taker = taker
    this.#read = beginRead(database)
    this.#options = { transaction: this.#read }
    letGo(this.#read)
  }

  /** Returns a record, or undefined. */
  get(space: string, key: StoredKey): StoredRecord | undefined {
    this.#check()
    try {
      const bytes = this.#database.getBinaryFast(key, this.#options)
      if (bytes === undefined) return undefined
      const version = versionRead()
      const value = unpackRecord(key, version, { bytes, size: this.#database.lastSize })
      if (value === undefined) throw recordFailure.corrupt({ space, key: key.key })
      return { key: new Uint8Array(key.key), value, version }
    } finally {
      letGo(this.#read)
    }
  }

  /** Returns the version of a record, 0 if it is not there, or nothing can be read any more. */
  version(key: StoredKey): number {
    if (this.#isClosed) return 0
    try {
      return this.#database.getBinaryFast(key, this.#options) === undefined ? 0 : versionRead()
    } finally {
      letGo(this.#read)
    }
  }

  /** Loads what stands at a key on another thread, which also gives this one to others. */
  async #fetch(key: StoredKey): Promise<void> {
    this.#check()
    await this.#database.prefetch([key])
  }

  /** Iterates over a range; each stretch sees the newest commit. */
  async *range(space: string, prefix: SpacePrefix, range: RecordRange): AsyncGenerator<StoredRecord, void, undefined> {
    let left = range.limit ?? Number.POSITIVE_INFINITY
    for await (const entries of this.#walk(walkOf(prefix, range), this.#read)) {
      for (const entry of entries) {
        if (left === 0) return
        left -= 1
        yield recordOf(space, prefix, entry)
      }
      if (left === 0) return
    }
  }

  /** Iterates over a range as it was when the first was read, in stretches. */
  async *snapshot(range: WalkRange, sizesOnly = false): AsyncGenerator<readonly ReadEntry[], void, undefined> {
    this.#check()
    const read = beginRead(this.#database)
    this.#snapshots.add(read)
    try {
      yield* this.#walk(range, read, sizesOnly)
    } finally {
      if (this.#snapshots.delete(read)) read.abort()
    }
  }

  async *#walk(
    range: WalkRange,
    read: NativeRead,
    sizesOnly = false,
  ): AsyncGenerator<readonly ReadEntry[], void, undefined> {
    let from = range
    for (;;) {
      this.#check()
      this.#taker.sizesOnly = sizesOnly
      const { entries, next } = this.#stretch(from, read)
      yield entries
      if (next === undefined) return
      from = { ...from, start: next, exclusiveStart: true }
      await this.#fetch(next)
    }
  }

  /** Reads until enough is read, and says where to go on. */
  #stretch(range: WalkRange, read: NativeRead): { entries: ReadEntry[]; next: StoredKey | undefined } {
    const entries: ReadEntry[] = []
    let bytes = 0
    const most = this.#taker.sizesOnly ? STRETCH.sizes : STRETCH.records
    try {
      read.renew()
      for (const entry of this.#database.getRange({ ...range, versions: true, transaction: read })) {
        entries.push(entry)
        bytes += entry.value instanceof Uint8Array ? entry.value.length : 0
        if (entries.length >= most || bytes >= STRETCH.bytes)
          return { entries, next: { prefix: NO_PREFIX, key: entry.key } }
      }
      return { entries, next: undefined }
    } finally {
      if (read === this.#read) letGo(read)
    }
  }

  /** Lets go of all that is read. */
  close(): void {
    this.#isClosed = true
    for (const read of [this.#read, ...this.#snapshots]) read.abort()
    this.#snapshots.clear()
  }

  #check(): void {
    if (this.#isClosed)
      throw new AiosError('AIOS_CLOSED', 'Expected an open record store, got one that was closed meanwhile.')
  }
}

const NO_PREFIX: SpacePrefix = { bytes: new Uint8Array(0), hash: 0 }

/** Translates the bounds of a range into those of LMDB, which begins at the end when it goes backwards. */
function walkOf(prefix: SpacePrefix, { from, to, reverse = false }: RecordRange): WalkRange {
  const bounds = boundsOf(prefix)
  const first = from === undefined ? bounds.first : { prefix, key: from }
  const end = to === undefined ? bounds.end : { prefix, key: to }
  return reverse
    ? { start: end, end: first, reverse, exclusiveStart: true, inclusiveEnd: true }
    : { start: first, end, reverse, exclusiveStart: false, inclusiveEnd: false }
}

function recordOf(space: string, prefix: SpacePrefix, { key: whole, value: packed, version }: ReadEntry): StoredRecord {
  const key = whole.slice(prefix.bytes.length)
  const value = packed instanceof Uint8Array ? unpackRecord({ prefix, key }, version, { bytes: packed }) : undefined
  if (value === undefined) throw recordFailure.corrupt({ space, key })
  return { key, value, version }
}

/** Is a record of a snapshot of the whole store; without a value it is corrupt. */
export interface SnapshotRecord {
  readonly space: string
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/** Takes an entry of any space apart. A key that is none of ours is shown as it is. */
export function snapshotRecord(
  { key: whole, value: packed, version }: ReadEntry,
  prefixOf: (space: string) => SpacePrefix,
): SnapshotRecord {
  const parts = partKey(whole)
  if (parts === undefined) return { space: '', key: whole, value: undefined }
  const { space, key } = parts
  const value =
    packed instanceof Uint8Array
      ? unpackRecord({ prefix: prefixOf(space), key }, version, { bytes: packed })
      : undefined
  return { space, key, value }
}
