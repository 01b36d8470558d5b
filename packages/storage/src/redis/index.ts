/** A store of records in Redis, and in what speaks its protocol. Needs the package `redis`. */
export { redisRecords } from './redis-records.js'
export type { RedisClient, RedisRecordsOptions } from './redis-records-options.js'
