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

/** Returns the bytes that are kept for a record, with a copy of its value. */
export function packRecord(key: StoredKey, value: Uint8Array, version: number): Uint8Array {
  const packed = Buffer.allocUnsafe(HEAD_BYTES + value.byteLength)
  const head = headHash(key, version, value.byteLength)
  packed.set(value, HEAD_BYTES)
  packed.writeUInt32LE(head, 0)
  packed.writeUInt32LE(crc32(packed.subarray(HEAD_BYTES), head), 4)
  return packed
}

/** Copies the first bytes, which may stand in a memory map or a buffer that is used again. */
export function copyBytes(bytes: Uint8Array, size: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, size).slice()
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

/** Returns the value of what was packed, or undefined if anything of the record was changed. */
export function unpackRecord(key: StoredKey, packed: Uint8Array, version: number): Uint8Array | undefined {
  if (!isHeadWhole(key, version, { head: packed, length: packed.length })) return undefined
  const value = packed.subarray(HEAD_BYTES)
  return crc32(value, wordAt(packed, 0)) === wordAt(packed, 4) ? value : undefined
}

function wordAt(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}
