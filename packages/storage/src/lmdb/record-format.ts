import { crc32 } from 'node:zlib'
import { hashBytes, hashInteger } from './record-hash.js'
import type { StoredKey } from './stored-key.js'

/**
 * Lays out what LMDB keeps for a record, behind its version: hash of key, version and length (u32, little-endian), CRC-32 of
 * the value that begins with that hash (u32), value. So the head alone tells whether key and version are those that were
 * written, and the second sum covers all.
 */
export const HEAD_BYTES = 8

/** Hashes all of a record but its value. */
function headHash({ prefix, key }: StoredKey, version: number, length: number): number {
  return hashInteger(length, hashInteger(version, hashBytes(key, prefix.hash))) >>> 0
}

/** Goes on with the hash of a head over a value. Some releases of Node answer 0 for no bytes, others the hash. */
function sumOf(value: Uint8Array, head: number): number {
  return value.byteLength === 0 ? head : crc32(value, head)
}

/** Returns the bytes that are kept for a record, with a copy of its value. */
export function packRecord(key: StoredKey, value: Uint8Array, version: number): Uint8Array {
  const packed = Buffer.allocUnsafe(HEAD_BYTES + value.byteLength)
  const head = headHash(key, version, value.byteLength)
  packed.set(value, HEAD_BYTES)
  packed.writeUInt32LE(head, 0)
  packed.writeUInt32LE(sumOf(packed.subarray(HEAD_BYTES), head), 4)
  return packed
}

/** Copies the first bytes, which may stand in a memory map or a buffer that is used again. */
export function copyBytes(bytes: Uint8Array, size: number): Uint8Array {
  return copyPart(bytes, 0, size)
}

/** Copies a view of the bytes, which is quicker than slicing one. */
function copyPart({ buffer, byteOffset }: Uint8Array, from: number, to: number): Uint8Array {
  return new Uint8Array(new Uint8Array(buffer, byteOffset + from, to - from))
}

/** Whether key, version and length are those that were written. */
export function isHeadWhole(
  key: StoredKey,
  version: number,
  packed: { readonly head: Uint8Array; readonly length: number },
): boolean {
  const { head, length } = packed
  return (
    length >= HEAD_BYTES && head.length >= HEAD_BYTES && wordAt(head, 0) === headHash(key, version, length - HEAD_BYTES)
  )
}

/**
 * Returns a copy of the value of what was packed, or undefined if anything of the record was changed.
 *
 * @param size - how many of the bytes are the record's
 */
export function unpackRecord(
  key: StoredKey,
  version: number,
  { bytes, size = bytes.length }: { readonly bytes: Uint8Array; readonly size?: number },
): Uint8Array | undefined {
  if (!isHeadWhole(key, version, { head: bytes, length: size })) return undefined
  const value = copyPart(bytes, HEAD_BYTES, size)
  return sumOf(value, wordAt(bytes, 0)) === wordAt(bytes, 4) ? value : undefined
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (byteAt(bytes, at) |
      (byteAt(bytes, at + 1) << 8) |
      (byteAt(bytes, at + 2) << 16) |
      (byteAt(bytes, at + 3) << 24)) >>>
    0
  )
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}
