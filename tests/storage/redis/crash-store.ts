import type { RecordStore } from '@aios/kernel/driver'
import { redisRecords } from '@aios/storage/redis'
import { createClient } from 'redis'

/** Makes a store from the path of a server's socket, a space, and a prefix: in processes that are killed. */
export default function crashStore(argument: string): RecordStore {
  const [path = '', prefix = ''] = argument.split(' ')
  return redisRecords(createClient({ socket: { path, tls: false } }), { prefix })
}
