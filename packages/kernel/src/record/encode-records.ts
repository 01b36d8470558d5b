import { EXPORT_CHUNK_BYTES } from '../limits.js'
import {
  EXPORT_FORMAT,
  ExportChecksum,
  FRAME,
  headOf,
  type ExportCounts,
  type ExportedRecord,
} from './export-format.js'

/** Gathers bytes to chunks of a good size. */
class Gathering {
  readonly checksum = new ExportChecksum()
  #parts: Uint8Array[] = []
  #bytes = 0

  get isFull(): boolean {
    return this.#bytes >= EXPORT_CHUNK_BYTES
  }

  /** Adds bytes and, behind them, the checksum. */
  add(...parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      this.checksum.add(part)
      this.#push(part)
    }
    this.#push(this.checksum.sign())
  }

  /** Returns what is gathered; a large value as it is, all else copied together. */
  *take(): Generator<Uint8Array> {
    let small: Uint8Array[] = []
    for (const part of this.#parts) {
      if (part.byteLength < EXPORT_CHUNK_BYTES) {
        small.push(part)
        continue
      }
      yield Buffer.concat(small)
      yield part
      small = []
    }
    this.#parts = []
    this.#bytes = 0
    if (small.length > 0) yield Buffer.concat(small)
  }

  #push(part: Uint8Array): void {
    this.#parts.push(part)
    this.#bytes += part.byteLength
  }
}

/**
 * Writes records as an export: what `RecordStore.export` returns. Holds one chunk and one value at a time. It checks nothing
 * of what it is given, and each record must come once.
 *
 * @param records - all records of the store; those that are corrupt without a value
 */
export async function* encodeRecords(
  records: AsyncIterable<ExportedRecord> | Iterable<ExportedRecord>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const out = new Gathering()
  const counts: ExportCounts = { records: 0, corrupt: 0 }
  const format = Buffer.alloc(4)
  format.writeUInt32BE(EXPORT_FORMAT.version)
  out.add(EXPORT_FORMAT.magic, format)
  for await (const record of records) {
    addRecord(out, record)
    counts[record.value === undefined ? 'corrupt' : 'records'] += 1
    if (out.isFull) yield* out.take()
  }
  out.add(headOf({ kind: FRAME.end, space: 0, key: 0, value: 0 }))
  const end = Buffer.alloc(EXPORT_FORMAT.endBytes - EXPORT_FORMAT.checksumBytes)
  end.writeBigUInt64BE(BigInt(counts.records), 0)
  end.writeBigUInt64BE(BigInt(counts.corrupt), 8)
  out.add(end)
  yield* out.take()
}

function addRecord(out: Gathering, { space, key, value }: ExportedRecord): void {
  const name = Buffer.from(space, 'latin1')
  const kind = value === undefined ? FRAME.corrupt : FRAME.record
  out.add(headOf({ kind, space: name.byteLength, key: key.byteLength, value: value?.byteLength ?? 0 }))
  if (value === undefined) out.add(name, key)
  else out.add(name, key, value)
}
