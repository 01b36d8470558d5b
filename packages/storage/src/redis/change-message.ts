import type { RecordChange } from '@aios/kernel/driver'

/** Is what one commit told. */
export interface ChangeMessage {
  /** Facts that the store told before. */
  readonly before: number
  readonly changes: readonly RecordChange[]
}

const PUT = 'p'.charCodeAt(0)
/** Bytes of one fact before the names: what it is, version, lengths of space and key. */
const HEAD = 12

/** Reads what the script of a write published; undefined if somebody else did. */
export function readChangeMessage(bytes: Buffer): ChangeMessage | undefined {
  if (bytes.byteLength < 8) return undefined
  const changes: RecordChange[] = []
  let at = 8
  while (at < bytes.byteLength) {
    if (at + HEAD > bytes.byteLength) return undefined
    const spaceAt = at + HEAD
    const keyAt = spaceAt + bytes.readUInt8(at + 9)
    const end = keyAt + bytes.readUInt16BE(at + 10)
    if (end > bytes.byteLength) return undefined
    const space = bytes.toString('latin1', spaceAt, keyAt)
    const key = new Uint8Array(bytes.subarray(keyAt, end))
    const version = Number(bytes.readBigUInt64BE(at + 1))
    changes.push(bytes[at] === PUT ? { type: 'put', space, key, version } : { type: 'remove', space, key })
    at = end
  }
  return { before: Number(bytes.readBigUInt64BE(0)), changes }
}
