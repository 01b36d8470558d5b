import type * as Zlib from 'node:zlib'
import { RECORD_BOUNDS } from './record-store.js'

/** Loads what a program that exports nothing never needs: a quarter of the time in which the contract of drivers is imported. */
const zlib = (): typeof Zlib => process.getBuiltinModule('node:zlib')

/** Is one record of an export. Without a value it was corrupt, and only its name is told. */
export interface ExportedRecord {
  readonly space: string
  readonly key: Uint8Array
  readonly value: Uint8Array | undefined
}

/**
 * Lays out an export, all numbers unsigned and big-endian:
 *
 * - header: 8 bytes of magic, format (u32), checksum
 * - frame of a record: kind 1, length of the space (u8), of the key (u16), of the value (u32), checksum; then space, key and
 *   value, checksum
 * - frame of a corrupt record: the same with kind 2 and no value
 * - trailer: kind 3, zeros (7 bytes), checksum; records (u64), corrupt records (u64), checksum
 *
 * A checksum (u32) is the CRC-32 of all that stands before it, so that neither bytes nor whole frames can be changed, lost,
 * doubled or swapped unseen. The lengths have one of their own, so that a damaged length is not believed.
 */
export const EXPORT_FORMAT = {
  magic: Buffer.from('AIOSREC\n', 'latin1'),
  version: 1,
  headerBytes: 16,
  headBytes: 12,
  endBytes: 20,
  checksumBytes: 4,
} as const

/** Is what a frame of an export holds. */
export const FRAME = { record: 1, corrupt: 2, end: 3 } as const

/** Is the beginning of a frame. */
export interface FrameHead {
  readonly kind: number
  readonly space: number
  readonly key: number
  readonly value: number
}

/** Counts what an export holds. */
export interface ExportCounts {
  records: number
  corrupt: number
}

/** Computes the checksum of an export while its bytes go by. */
export class ExportChecksum {
  #value = 0

  /** Adds bytes, and returns the sum of all until now. */
  add(bytes: Uint8Array): number {
    // Some releases of Node answer 0 for no bytes, which would forget all that stood before them.
    if (bytes.byteLength > 0) this.#value = zlib().crc32(bytes, this.#value)
    return this.#value
  }

  /** Returns bytes with the sum of all until now, which becomes part of it. */
  sign(): Buffer {
    const bytes = Buffer.alloc(EXPORT_FORMAT.checksumBytes)
    bytes.writeUInt32BE(this.#value)
    this.add(bytes)
    return bytes
  }

  /** Tells whether these bytes are the sum of all until now; they become part of it. */
  verify(bytes: Buffer): boolean {
    const isRight = bytes.readUInt32BE() === this.#value
    this.add(bytes)
    return isRight
  }
}

/** Writes the head of a frame, without its checksum. */
export function headOf({ kind, space, key, value }: FrameHead): Buffer {
  const head = Buffer.alloc(EXPORT_FORMAT.headBytes - EXPORT_FORMAT.checksumBytes)
  head.writeUInt8(kind, 0)
  head.writeUInt8(space, 1)
  head.writeUInt16BE(key, 2)
  head.writeUInt32BE(value, 4)
  return head
}

/** Reads the head of a frame; undefined if there can be no such frame. */
export function readHead(bytes: Buffer): FrameHead | undefined {
  const head: FrameHead = {
    kind: bytes.readUInt8(0),
    space: bytes.readUInt8(1),
    key: bytes.readUInt16BE(2),
    value: bytes.readUInt32BE(4),
  }
  const { keyBytes, spaceChars, valueBytes } = RECORD_BOUNDS
  if (head.kind === FRAME.end) return head.space + head.key + head.value === 0 ? head : undefined
  if (head.kind !== FRAME.record && head.kind !== FRAME.corrupt) return undefined
  const isNamed = head.space >= 1 && head.space <= spaceChars && head.key >= 1 && head.key <= keyBytes
  return isNamed && head.value <= (head.kind === FRAME.record ? valueBytes : 0) ? head : undefined
}
