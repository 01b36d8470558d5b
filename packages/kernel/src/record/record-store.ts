/**
 * Is what a store keeps under a key. Whoever gets it may not change its bytes, and may keep it as long as wanted: the store
 * does not change them either.
 */
export interface StoredRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array
  /** Stands for this state of the record: a positive safe integer, never used twice for the same key. Not ordered. */
  readonly version: number
}

/**
 * Is one change of a batch. `ifVersion` makes it, and with it the whole batch, depend on the state of the record: 0 means
 * that there must be none.
 */
export type RecordWrite =
  | {
      readonly op: 'put'
      readonly space: string
      readonly key: Uint8Array
      readonly value: Uint8Array
      readonly ifVersion?: number | undefined
    }
  | {
      readonly op: 'remove'
      readonly space: string
      readonly key: Uint8Array
      readonly ifVersion?: number | undefined
    }

/** Makes one write depend on the state of its record: its version, or 0 for "not there". Unknown keys are rejected. */
export interface RecordCondition {
  readonly ifVersion?: number | undefined
}

/** Chooses the records of a range. Unknown keys are rejected. */
export interface RecordRange {
  /** First key in the order of the keys, included; also with `reverse`. Default: the first of the space. */
  readonly from?: Uint8Array | undefined
  /** Key after the last one, excluded; where it is not above `from`, the range is empty. Default: up to the end of the space. */
  readonly to?: Uint8Array | undefined
  /** From the last to the first. Default false. */
  readonly reverse?: boolean | undefined
  /** Most records, from 1. Default: all. */
  readonly limit?: number | undefined
}

/**
 * Is one fact of a change feed: a committed write, or how many facts a reader lost in this place because it was too slow, or
 * because the store itself did not hear of them. A removal of what was not there is none.
 */
export type RecordChange =
  | { readonly type: 'put'; readonly space: string; readonly key: Uint8Array; readonly version: number }
  | { readonly type: 'remove'; readonly space: string; readonly key: Uint8Array }
  | { readonly type: 'lost'; readonly count: number }

/** Is what `watch` takes. Unknown keys are rejected. */
export interface RecordWatch {
  /** Only changes of this space. Default: all. */
  readonly space?: string | undefined
  /** Ends the feed after what it has buffered. */
  readonly signal?: AbortSignal | undefined
}

/** Says how much a store, or a space of it, holds. */
export interface RecordSize {
  readonly records: number
  /** Bytes of keys and values, without what the store itself adds. */
  readonly bytes: number
}

/**
 * Says what an acknowledged write survives. `none`: nothing, it is kept in RAM. `process`: the kill of the process.
 * `power`: also the loss of power.
 */
export type Durability = 'none' | 'process' | 'power'

/**
 * Keeps ordered binary keys with binary values in named spaces. It is to devices and journal what a block device is to file
 * systems: whatever has to outlive the process stands on it, so it is written, and tested against crashes, once.
 *
 * Rules for every driver:
 * - Keys are 1 to {@link RECORD_BOUNDS}`.keyBytes` bytes, ordered as unsigned bytes; a key sorts before those it begins.
 * - Spaces are named by lower-case words of letters, digits and dashes, parted by `/`, such as `journal/runs`; at most
 *   `spaceChars` characters. A space is there as soon as it is named.
 * - Values are 0 to `valueBytes` bytes. The store takes its own copy of keys and values before a method returns.
 * - A write that resolved is visible to whoever reads later, and has the store's `durability`. Writes of one opener are
 *   committed in the order of the calls; so what is durable is always a beginning of what it asked for.
 * - A batch is committed wholly or not at all, also when the process is killed meanwhile.
 * - Bad arguments reject with `AIOS_INVALID_OPTION`; every method but `open` and `close` of a store that is not open with
 *   `AIOS_CLOSED`; a condition that does not hold with `AIOS_VERSION_CONFLICT` and nothing written; a value that was
 *   changed behind the store's back with `AIOS_CORRUPT`, whose `details` have `space` and `key`, while the other records
 *   stay readable and a put or remove without a condition mends it; a full disk with `AIOS_QUOTA_EXCEEDED`; whatever else keeps the store from its data with `AIOS_STORE_UNAVAILABLE`
 *   (retryable). After the last two the write may have happened; doing it again is safe where it has no condition.
 * - The iterations of `range`, `watch` and `export` reject in the same way, with their first `next` where the arguments are
 *   bad or the store is not open. Each can be read once; leaving its loop gives back what it holds. One that is under way
 *   when the store closes rejects with `AIOS_CLOSED`, but for a change feed, which ends.
 * - No method does disk or network work on the caller's thread, but for reads of a memory map.
 *
 * Prove a driver with `recordConformance` and, if it outlives the process, `recordCrashes` of `@aios/kernel/testing`.
 */
export interface RecordStore {
  /** Names the kind of store in messages, such as `ram`, `lmdb`, `redis`. */
  readonly id: string
  readonly durability: Durability
  /**
   * Makes the store ready; if it cannot, it stays closed, and may be opened again. May be called several times, by each kernel and device that shares the object: the store closes
   * with the last `close`.
   */
  open(): Promise<void>
  /**
   * Gives the store back; what was asked before is committed first, and methods that are called from then on reject. Without
   * an `open` it does nothing.
   */
  close(): Promise<void>
  /** Returns a record, or undefined if there is none. */
  get(space: string, key: Uint8Array): Promise<StoredRecord | undefined>
  /** Returns the records of several keys, in their order, undefined for those that are not there. */
  getMany(space: string, keys: readonly Uint8Array[]): Promise<readonly (StoredRecord | undefined)[]>
  /**
   * Iterates over the records of a space in the order of their keys. A record that is there all the while is returned
   * exactly once; one that is changed meanwhile as it was at some moment of the iteration, or not at all where it was not
   * there at one. At a record that is corrupt the iteration rejects; begin again behind it.
   */
  range(space: string, range?: RecordRange): AsyncIterable<StoredRecord>
  /** Writes a record and returns its version. */
  put(space: string, key: Uint8Array, value: Uint8Array, condition?: RecordCondition): Promise<number>
  /** Removes a record; returns whether it was there. */
  remove(space: string, key: Uint8Array, condition?: RecordCondition): Promise<boolean>
  /**
   * Commits several writes at once, at most {@link RECORD_BOUNDS}`.batchWrites` and each record once; all conditions must
   * hold. A batch of none does nothing.
   */
  batch(writes: readonly RecordWrite[]): Promise<void>
  /**
   * Iterates over the changes that are committed from this call on, in their order: all of this object's, those of `import`
   * too, and those of other openers where the driver says so. A reader that falls behind loses the oldest and is told how
   * many. The feed ends when the store closes, after what it has buffered.
   */
  watch(options?: RecordWatch): AsyncIterable<RecordChange>
  /** Counts what a space, or the whole store, holds. */
  size(space?: string): Promise<RecordSize>
  /** Gives the room of removed records back, as far as the store can. */
  compact(): Promise<void>
  /**
   * Writes the state of the whole store at one moment, not after the first chunk, while it goes on working, as chunks of
   * bytes; `import` of any driver takes them. Records that are corrupt are left out, and named in their place.
   */
  export(): AsyncIterable<Uint8Array>
  /**
   * Puts what `export` wrote into this store, over what is there; other records stay, and so do those that were corrupt.
   * Versions are this store's own. Rejects with `AIOS_CORRUPT` for bytes that are no whole export; records before the fault
   * may have been written.
   *
   * @returns how many records were put
   */
  import(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number>
}

/** Bounds that hold for every driver. */
export const RECORD_BOUNDS = {
  /** Bytes of a key. */
  keyBytes: 1_024,
  /** Bytes of a value: 256 MiB. */
  valueBytes: 268_435_456,
  /** Characters of the name of a space. */
  spaceChars: 64,
  /** Writes of one batch. */
  batchWrites: 100_000,
} as const
