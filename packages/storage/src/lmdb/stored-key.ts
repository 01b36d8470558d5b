import { hashBytes, HASH_START } from './record-hash.js'

/** Parts the name of a space from the key; names of spaces hold no such byte. */
const PARTING = 0

/** Is the beginning of all keys of a space. */
export interface SpacePrefix {
  readonly bytes: Uint8Array
  /** Hash of the bytes, from which that of each key goes on. */
  readonly hash: number
}

/** Is a key as LMDB knows it: prefix and key, joined when they are written. */
export interface StoredKey {
  readonly prefix: SpacePrefix
  readonly key: Uint8Array
}

const NOTHING = new Uint8Array(0)

function prefixOf(bytes: Uint8Array): SpacePrefix {
  return { bytes, hash: hashBytes(bytes, HASH_START) }
}

/** Returns the beginning of all keys of a space. */
export function spacePrefix(space: string): SpacePrefix {
  return prefixOf(Buffer.from(`${space}\0`, 'latin1'))
}

/** Returns the key of what the store keeps for itself; such keys sort before all spaces. */
export function ownKey(name: string): StoredKey {
  return { prefix: spacePrefix(''), key: Buffer.from(name, 'latin1') }
}

/** Returns the bounds of all keys that begin with a prefix. */
export function boundsOf(prefix: SpacePrefix): { readonly first: StoredKey; readonly end: StoredKey } {
  const end = Uint8Array.from(prefix.bytes)
  end[end.length - 1] = PARTING + 1
  return { first: { prefix, key: NOTHING }, end: { prefix: prefixOf(end), key: NOTHING } }
}

/** Returns the bounds of all spaces, without what the store keeps for itself. */
export function boundsOfAll(): { readonly first: StoredKey; readonly end: StoredKey } {
  const bound = (byte: number): StoredKey => ({ prefix: prefixOf(Uint8Array.of(byte)), key: NOTHING })
  return { first: bound(PARTING + 1), end: bound(0xff) }
}

/** Parts a whole key into space and key; undefined if it is none of this driver's. */
export function partKey(whole: Uint8Array): { readonly space: string; readonly key: Uint8Array } | undefined {
  const at = whole.indexOf(PARTING)
  if (at === -1 || at === whole.length - 1) return undefined
  return { space: Buffer.from(whole.subarray(0, at)).toString('latin1'), key: whole.subarray(at + 1) }
}

/** Writes a key where LMDB wants it, and returns where it ends. */
export function writeStoredKey({ prefix, key }: StoredKey, target: Uint8Array, start: number): number {
  target.set(prefix.bytes, start)
  target.set(key, start + prefix.bytes.length)
  return start + prefix.bytes.length + key.length
}

/** Copies a whole key from where LMDB put it. */
export function readStoredKey(source: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(source.buffer, source.byteOffset + start, end - start).slice()
}
