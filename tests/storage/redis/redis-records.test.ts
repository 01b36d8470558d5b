import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisRecords, type RedisRecordsOptions } from '@aios/storage/redis'
import type { RecordStore } from '@aios/kernel/driver'
import { RedisServer } from './redis-server.js'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const text = (value: Uint8Array | undefined) => (value === undefined ? undefined : Buffer.from(value).toString())

let server: RedisServer
const opened: RecordStore[] = []

async function open(options?: RedisRecordsOptions): Promise<RecordStore> {
  const store = redisRecords(server.client(), options)
  await store.open()
  opened.push(store)
  return store
}

beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.close())
beforeEach(() => server.with((client) => client.flushAll()))
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

describe('redisRecords', () => {
  it('keeps records, their order and their versions', async () => {
    const store = await open()
    const first = await store.put('a', bytes('k2'), bytes('two'))
    await store.batch([
      { op: 'put', space: 'a', key: bytes('k1'), value: bytes('one') },
      { op: 'put', space: 'b', key: bytes('k1'), value: bytes('other') },
    ])
    expect(text((await store.get('a', bytes('k2')))?.value)).toBe('two')
    expect((await store.get('a', bytes('k2')))?.version).toBe(first)
    const keys = []
    for await (const { key } of store.range('a')) keys.push(text(key))
    expect(keys).toEqual(['k1', 'k2'])
    expect(await store.size()).toEqual({ records: 3, bytes: 17 })
    await expect(store.put('a', bytes('k2'), bytes('x'), { ifVersion: 0 })).rejects.toMatchObject({
      code: 'AIOS_VERSION_CONFLICT',
    })
    expect(await store.remove('a', bytes('k2'), { ifVersion: first })).toBe(true)
    expect(await store.remove('a', bytes('k2'))).toBe(false)
    await store.put('a', bytes('k1'), bytes('uno mas'))
    expect(await store.size('a')).toEqual({ records: 1, bytes: 9 })
    await store.put('a', bytes('k1'), bytes('one'))
    expect(await store.size('a')).toEqual({ records: 1, bytes: 5 })
  })

  it('shows changes of all openers in their order', async () => {
    const [one, two] = [await open(), await open()]
    const feed = one.watch()[Symbol.asyncIterator]()
    const version = await one.put('a', bytes('k'), bytes('1'))
    await two.remove('a', bytes('k'))
    expect(await feed.next()).toEqual({ done: false, value: { type: 'put', space: 'a', key: bytes('k'), version } })
    expect(await feed.next()).toEqual({ done: false, value: { type: 'remove', space: 'a', key: bytes('k') } })
    await feed.return?.()
  })

  it('exports and imports', async () => {
    const store = await open()
    await store.put('a', bytes('k'), bytes('1'))
    const chunks: Uint8Array[] = []
    for await (const chunk of store.export()) chunks.push(chunk)
    const other = await open({ prefix: 'other:' })
    expect(await other.import(chunks)).toBe(1)
    expect(text((await other.get('a', bytes('k')))?.value)).toBe('1')
    expect(await server.with((client) => client.keys('*copy*'))).toEqual([])
  })
})
