import { AiosError } from '@aios/kernel'
import type { RecordStore } from '@aios/kernel'

/** Is how a data directory is opened. */
export interface DataDirectoryOptions {
  /** Writes nothing; the directory must be there. */
  readonly readOnly?: boolean
}

/**
 * Makes the record store of a data directory; it opens when its kernel does.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for what is no path; `AIOS_MISSING_PEER` where the store cannot be loaded
 */
export async function directoryRecords(dir: string, options: DataDirectoryOptions = {}): Promise<RecordStore> {
  if (typeof dir !== 'string' || dir === '')
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      `Expected the path of a directory for "dataDir" in createKernel(), got ${dir === '' ? 'an empty one' : `a ${typeof dir}`}.`,
    )
  // Loaded only for whoever wants a data directory: a native library comes with it.
  const { lmdbRecords } = await import('@aios/storage/lmdb').catch((error: unknown) => {
    throw new AiosError(
      'AIOS_MISSING_PEER',
      'The store of a data directory, @aios/storage/lmdb, could not be loaded. Install @aios/storage with its native parts (lmdb), or name a store by "records".',
      { cause: error },
    )
  })
  return lmdbRecords(dir, options)
}
