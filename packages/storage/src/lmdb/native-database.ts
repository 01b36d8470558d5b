import * as lmdb from 'lmdb'
import type { LmdbSettings } from './lmdb-options.js'
import { readStoredKey, writeStoredKey, type StoredKey } from './stored-key.js'

/** Is a read transaction of LMDB: a snapshot, and a place in the table of readers from when it is made until `abort`. */
export interface NativeRead {
  readonly address: number
  renew(): void
  abort(): void
}

/** Is one entry of a range, as the decoder left it. */
export interface NativeEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array | number
  readonly version: number
}

/** Chooses the entries of a range. */
export interface NativeRange {
  readonly start: StoredKey
  readonly end: StoredKey
  readonly reverse: boolean
  readonly exclusiveStart: boolean
  readonly inclusiveEnd: boolean
  readonly versions: true
  readonly transaction: NativeRead
}

/** Is what this driver uses of a database of the `lmdb` package, whose own types do not know keys of this shape. */
export interface NativeDatabase {
  readonly env: object
  /** Bytes of what `getBinaryFast` found last. */
  readonly lastSize: number
  getBinaryFast(key: StoredKey, options: { readonly transaction: NativeRead }): Uint8Array | undefined
  getRange(range: NativeRange): Iterable<NativeEntry>
  prefetch(keys: readonly StoredKey[]): Promise<void>
  /** Null for `ifVersion` means that there must be none. */
  put(key: StoredKey, value: Uint8Array, version: number, ifVersion?: number | null): Promise<boolean>
  remove(key: StoredKey, ifVersion: number): Promise<boolean>
  ifVersion(key: StoredKey, ifVersion: number | null, act: () => void): Promise<boolean>
  batch(act: () => void): Promise<boolean>
  childTransaction<T>(act: () => T): Promise<T>
  putSync(key: StoredKey, value: Uint8Array, version: number): boolean
  backup(path: string, compact: boolean): Promise<void>
  sync(done: (error: unknown) => void): void
  readerCheck(): number
  readerList(): string
  close(): Promise<void>
}

interface Native {
  readonly nativeAddon: {
    readonly Txn: new (env: object, flags: number) => NativeRead
    resetTxn(address: number): void
  }
  open(path: string, options: object): NativeDatabase
}

const native = lmdb as unknown as Native
const READ_ONLY = 0x20000

/** Stands for "whatever its version, but it must be there". */
export const ANY_VERSION = lmdb.IF_EXISTS

/** Says how the bytes of an entry are taken out of the memory map, which may change after the call. */
export type Take = (bytes: Uint8Array, size: number) => Uint8Array | number

/**
 * Opens the environment of a directory. What is one event turn's is not held back, since its promises would reject unheard
 * when a commit fails.
 */
export function openNative(
  path: string,
  settings: Pick<LmdbSettings, 'durability' | 'readOnly' | 'maxReaders'>,
  take: Take,
): NativeDatabase {
  const isLazy = settings.durability === 'process'
  return native.open(path, {
    noSubdir: false,
    encoder: { encode: (value: Uint8Array) => value, decode: take },
    keyEncoder: { writeKey: writeStoredKey, readKey: readStoredKey },
    useVersions: true,
    readOnly: settings.readOnly,
    maxReaders: settings.maxReaders,
    noSync: isLazy,
    overlappingSync: false,
    eventTurnBatching: false,
  })
}

/** Begins a read transaction of its own, which no other read moves. */
export function beginRead(database: NativeDatabase): NativeRead {
  return new native.nativeAddon.Txn(database.env, READ_ONLY)
}

/** Lets the snapshot of a read go, so that its pages can be used again; the next read takes the newest. */
export function letGo(read: NativeRead): void {
  native.nativeAddon.resetTxn(read.address)
}

/** Returns the version of what was read last. */
export function versionRead(): number {
  return lmdb.getLastVersion()
}
