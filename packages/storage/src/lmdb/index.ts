/** Records in one LMDB environment: a directory of this machine, shared by as many processes as need it. */
export type { LmdbRecordsOptions } from './lmdb-options.js'
export { lmdbRecords, type LmdbRecordStore } from './lmdb-records.js'
