import type { RecordStore } from '@aios/kernel'
import { lmdbRecords } from '@aios/storage/lmdb'

/** Makes the store of a child process that is killed. */
export default function crashStore(dir: string): RecordStore {
  return lmdbRecords(dir)
}
