/** Records in one LMDB environment: a directory of this machine, for one process at a time. */
export type { LmdbRecordsOptions } from './lmdb-options.js'
export { lmdbRecords, type LmdbRecordStore } from './lmdb-records.js'
