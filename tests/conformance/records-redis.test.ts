import type { RecordStore } from '@aios/kernel/driver'
import { recordConformance, recordCrashes } from '@aios/kernel/testing'
import { redisRecords } from '@aios/storage/redis'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { runs } from '../setup/runs.js'
import { RedisServer } from '../storage/redis/redis-server.js'
import { NODE_ARGUMENTS } from '../setup/node-arguments.js'

let server: RedisServer
const prefixes = new WeakMap<RecordStore, string>()
let made = 0

function on(prefix: string): RecordStore {
  const store = redisRecords(server.client(), { prefix })
  prefixes.set(store, prefix)
  return store
}

function make(): RecordStore {
  made += 1
  return on(`store-${made}:`)
}

/** Takes away what is below a prefix, and nothing of the others: a case that was given up may still be at work on its own. */
async function clear(prefix: string): Promise<void> {
  await server.with(async (client) => {
    const keys = await client.keys(`*${prefix}*`)
    if (keys.length > 0) await client.unlink(keys)
  })
}

/** Makes another store on what one holds. */
function again(store: RecordStore): RecordStore {
  return on(prefixes.get(store)!)
}

beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.close())

describe('redisRecords keeps the contract of a record store', () => {
  const operations = runs(2_000, 50_000)
  const discard = (store: RecordStore) => clear(prefixes.get(store)!)
  for (const { name, run } of recordConformance({ make, reopen: again, another: again, discard, operations }))
    it(name, run, runs(60_000, 3_600_000))
})

describe('redisRecords outlives the processes that write to it', () => {
  const module = new URL('../storage/redis/crash-store.ts', import.meta.url)
  const crashes = recordCrashes({
    module,
    argument: (round) => `${server.socket} round-${round}:`,
    discard: (argument) => clear(argument.split(' ')[1]!),
    openers: 2,
    kills: Number(process.env['AIOS_KILLS'] ?? runs(2, 500)),
    operations: runs(100, 1_000),
    execArgv: [...NODE_ARGUMENTS],
  })
  for (const { name, run } of crashes) it(name, run, runs(180_000, 3_600_000))
})
