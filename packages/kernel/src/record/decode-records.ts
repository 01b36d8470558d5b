import { AiosError } from '../error/aios-error.js'
import { ByteSource } from './byte-source.js'
import {
  EXPORT_FORMAT,
  ExportChecksum,
  FRAME,
  readHead,
  type ExportCounts,
  type ExportedRecord,
  type FrameHead,
} from './export-format.js'
import { recordArguments } from './record-arguments.js'

/**
 * Reads the records of an export, however its bytes are cut to chunks. Holds one record and one chunk at a time; what it
 * returns is in memory of its own. The export is whole only if it came to its end without an error.
 *
 * @returns records, and those without a value that were corrupt when the export was written
 * @throws AiosError `AIOS_CORRUPT` for bytes that are no whole export, or one of a newer format
 */
export async function* decodeRecords(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<ExportedRecord, void, undefined> {
  const source = new ByteSource(chunks)
  try {
    const reader = new FrameReader(source)
    await reader.header()
    for (;;) {
      const head = await reader.head()
      if (head.kind === FRAME.end) break
      yield await reader.record(head)
    }
    await reader.end()
  } finally {
    await source.close()
  }
}

class FrameReader {
  readonly #source: ByteSource
  readonly #checksum = new ExportChecksum()
  readonly #counts: ExportCounts = { records: 0, corrupt: 0 }

  constructor(source: ByteSource) {
    this.#source = source
  }

  async header(): Promise<void> {
    const { magic, headerBytes, version } = EXPORT_FORMAT
    const bytes = await this.#source.take(headerBytes)
    if (!bytes.subarray(0, magic.byteLength).equals(magic.subarray(0, bytes.byteLength)))
      throw damaged('bytes that no record store exported')
    const body = this.#signed(bytes, headerBytes)
    const format = body.readUInt32BE(magic.byteLength)
    if (format !== version) throw damaged(`format ${format}; import it with the version that wrote it, or a newer one`)
  }

  async head(): Promise<FrameHead> {
    const bytes = await this.#read(EXPORT_FORMAT.headBytes)
    const head = readHead(bytes)
    if (head === undefined) throw damaged('a frame that is none')
    return head
  }

  async record({ kind, space, key, value }: FrameHead): Promise<ExportedRecord> {
    const bytes = await this.#read(space + key + value + EXPORT_FORMAT.checksumBytes)
    const name = bytes.toString('latin1', 0, space)
    try {
      recordArguments.space(name)
    } catch (error) {
      throw damaged('a space whose name is none', error)
    }
    this.#counts[kind === FRAME.record ? 'records' : 'corrupt'] += 1
    return {
      space: name,
      key: new Uint8Array(bytes.subarray(space, space + key)),
      value: kind === FRAME.record ? bytes.subarray(space + key) : undefined,
    }
  }

  async end(): Promise<void> {
    const bytes = await this.#read(EXPORT_FORMAT.endBytes)
    const { records, corrupt } = this.#counts
    if (bytes.readBigUInt64BE(0) !== BigInt(records) || bytes.readBigUInt64BE(8) !== BigInt(corrupt))
      throw damaged(`another number of records than the ${records + corrupt} that came`)
    if ((await this.#source.take(1)).byteLength > 0) throw damaged('bytes behind its end')
  }

  async #read(bytes: number): Promise<Buffer> {
    return this.#signed(await this.#source.take(bytes), bytes)
  }

  /** Returns what stands before a checksum, if all of it came and the checksum is right. */
  #signed(bytes: Buffer, wanted: number): Buffer {
    if (bytes.byteLength < wanted) throw damaged('its bytes only in part')
    const body = bytes.subarray(0, wanted - EXPORT_FORMAT.checksumBytes)
    this.#checksum.add(body)
    if (!this.#checksum.verify(bytes.subarray(body.byteLength))) throw damaged('bytes that were changed')
    return body
  }
}

function damaged(got: string, cause?: unknown): AiosError {
  const options = cause === undefined ? {} : { cause }
  return new AiosError('AIOS_CORRUPT', `Expected a whole export of a record store, got ${got}.`, options)
}
