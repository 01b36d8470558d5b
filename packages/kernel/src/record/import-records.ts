import { IMPORT_BATCH } from '../limits.js'
import { decodeRecords } from './decode-records.js'
import { keyText, recordArguments } from './record-arguments.js'
import type { RecordWrite } from './record-store.js'

/**
 * Reads an export and puts its records in batches: what `RecordStore.import` does. Those that were corrupt when it was
 * written are passed over, and what is there under their keys stays.
 *
 * @param chunks - the bytes of an export
 * @param commit - commits one batch, none of whose writes has a condition
 * @returns how many records were put
 * @throws AiosError `AIOS_CORRUPT` for bytes that are no whole export; whatever `commit` throws
 */
export async function importRecords(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  commit: (writes: readonly RecordWrite[]) => Promise<void>,
): Promise<number> {
  recordArguments.chunks(chunks)
  let writes = new Map<string, RecordWrite>()
  let bytes = 0
  let records = 0
  const flush = async (): Promise<void> => {
    if (writes.size > 0) await commit([...writes.values()])
    records += writes.size
    writes = new Map()
    bytes = 0
  }
  for await (const { space, key, value } of decodeRecords(chunks)) {
    if (value === undefined) continue
    const name = `${space} ${keyText(key)}`
    if (writes.has(name)) await flush()
    writes.set(name, { op: 'put', space, key, value })
    bytes += key.byteLength + value.byteLength
    if (writes.size >= IMPORT_BATCH.records || bytes >= IMPORT_BATCH.bytes) await flush()
  }
  await flush()
  return records
}
