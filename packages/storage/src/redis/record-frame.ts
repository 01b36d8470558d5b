import { crc32 } from 'node:zlib'
import { recordFailure, type StoredRecord } from '@aios/kernel/driver'

/** Is where the parts of a framed value begin: 8 bytes of version, 1 of format, 4 of checksum, the value. */
const AT = { version: 0, format: 8, checksum: 9, value: 13 } as const

const FORMAT = 1

/** Frames values as they lie in Redis. The script that writes them puts the version, of 8 bytes, before. */
export const recordFrame = {
  /** Bytes that a frame has before the value, the version included. */
  headBytes: AT.value,
  format: FORMAT,
  /** Copies a value, behind its format and the checksum of space, key and value. */
  body(space: string, key: Uint8Array, value: Uint8Array): Buffer {
    const body = Buffer.allocUnsafe(AT.value - AT.format + value.byteLength)
    body.writeUInt8(FORMAT, 0)
    body.writeUInt32BE(checksum(space, key, value), AT.checksum - AT.format)
    body.set(value, AT.value - AT.format)
    return body
  },
  /**
   * Reads what lies in Redis; the result shares no memory with it.
   *
   * @throws AiosError `AIOS_CORRUPT` if it is not as it was written
   */
  read(space: string, key: Uint8Array, frame: unknown): StoredRecord {
    if (!Buffer.isBuffer(frame) || frame.byteLength < AT.value) throw recordFailure.corrupt({ space, key })
    const version = Number(frame.readBigUInt64BE(AT.version))
    const value = new Uint8Array(frame.subarray(AT.value))
    const isWhole =
      frame.readUInt8(AT.format) === FORMAT &&
      version >= 1 &&
      Number.isSafeInteger(version) &&
      frame.readUInt32BE(AT.checksum) === checksum(space, key, value)
    if (!isWhole) throw recordFailure.corrupt({ space, key })
    return { key: new Uint8Array(key), value, version }
  },
} as const

function checksum(space: string, key: Uint8Array, value: Uint8Array): number {
  const name = crc32(key, crc32(space))
  // Of no bytes at all, zlib returns 0 instead of what it was given where their address is null.
  return value.byteLength === 0 ? name : crc32(value, name)
}
