import { AiosError } from '@aios/kernel'
import type { RecordStore } from '@aios/kernel'

/** Is how a data directory is opened. */
export interface DataDirectoryOptions {
  /** Writes nothing; the directory must be there. */
  readonly readOnly?: boolean
}

/** Is the one thing of `@aios/storage/lmdb` that is needed here. */
interface DirectoryStores {
  lmdbRecords(dir: string, options?: DataDirectoryOptions): RecordStore
}

/** By its name in a variable: only who wants a data directory loads what is behind it. */
const STORES = '@aios/storage/lmdb'

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
  let stores: DirectoryStores
  try {
    stores = (await import(STORES)) as DirectoryStores
  } catch (error) {
    throw new AiosError(
      'AIOS_MISSING_PEER',
      `The store of a data directory, ${STORES}, could not be loaded. Install @aios/storage with its native parts, or name a store by "records".`,
      { cause: error },
    )
  }
  return stores.lmdbRecords(dir, options)
}
