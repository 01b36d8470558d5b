import { AiosError, type RecordStore, type StoredRecord } from '@aios/kernel/driver'

/** Is what was found under a key: nothing, a record, or one that is damaged. */
export type Found = { readonly record: StoredRecord | undefined } | { readonly damage: AiosError }

/** Reads several records, of which any may be damaged without harm to the others. */
export async function readEach(
  records: RecordStore,
  space: string,
  keys: readonly Uint8Array[],
): Promise<readonly Found[]> {
  if (keys.length === 0) return []
  try {
    return (await records.getMany(space, keys)).map((record) => ({ record }))
  } catch (error) {
    if (!AiosError.is(error, 'AIOS_CORRUPT')) throw error
    return keys.length === 1
      ? [{ damage: error }]
      : (await Promise.all(keys.map((key) => readEach(records, space, [key])))).flat()
  }
}
