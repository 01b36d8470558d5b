import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisRecords, type RedisRecordsOptions } from '@aios/storage/redis'
import type { RecordStore } from '@aios/kernel/driver'
import { redisFailure } from '../../../packages/storage/src/redis/redis-failure.js'
import { RedisServer, type Client } from './redis-server.js'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const KEY = bytes('k')
const ROOT = 'aios:{records}:'

let server: RedisServer
const opened: RecordStore[] = []

async function open(options?: RedisRecordsOptions, client?: Client): Promise<RecordStore> {
  const store = redisRecords(client ?? server.client(), options)
  opened.push(store)
  await store.open()
  return store
}

const config = (name: string, value: string) => server.with((client) => client.configSet(name, value))
const send = (...args: string[]) => server.with((client) => client.sendCommand(args))

beforeAll(async () => {
  server = await RedisServer.start()
})
afterAll(() => server.close())
beforeEach(() => server.with((client) => client.flushAll()))
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

describe('options of redisRecords', () => {
  it('refuses what is no client, unknown keys and impossible values', () => {
    const client = server.client()
    const all: (() => unknown)[] = [
      () => redisRecords({} as never),
      () => redisRecords(undefined as never),
      () => redisRecords(client, { prefx: 'a' } as never),
      () => redisRecords(client, { prefix: '' }),
      () => redisRecords(client, { timeoutMs: 0 }),
      () => redisRecords(client, { durability: 'disk' as never }),
    ]
    for (const make of all) expect(make).toThrow(expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }))
  })

  it('names the store in messages', async () => {
    const store = redisRecords(server.client(), { id: 'cache' })
    await expect(store.get('a', KEY)).rejects.toMatchObject({
      code: 'AIOS_CLOSED',
      message: expect.stringMatching(/"cache"/),
    })
  })

  it('leaves the client as it is', async () => {
    const client = server.client()
    const store = await open({}, client)
    await store.put('a', KEY, KEY)
    expect([client.isOpen, client.isReady]).toEqual([false, false])
    await client.connect()
    await store.close()
    expect(client.isReady).toBe(true)
    client.destroy()
  })

  it('serves clients with other settings: an older protocol, a prefix, a cache, another database', async () => {
    const older = await open({}, server.client({ RESP: 2, keyPrefix: 'x:', database: 3 } as never))
    const cached = await open({}, server.client({ clientSideCache: { ttl: 0, maxEntries: 0, evictPolicy: 'LRU' } }))
    await older.put('a', KEY, bytes('3'))
    expect(await cached.get('a', KEY)).toBeUndefined()
    await cached.put('a', KEY, bytes('0'))
    expect((await older.get('a', KEY))?.value).toEqual(bytes('3'))
    expect(await server.with((client) => client.keys('x:*'))).toEqual([])
  })
})

describe('durability of redisRecords', () => {
  it('is read from the settings of Redis', async () => {
    expect((await open()).durability).toBe('process')
    await config('appendfsync', 'always')
    expect((await open()).durability).toBe('power')
    await config('appendfsync', 'everysec')
  })

  it('is what the option states, without asking', async () => {
    const store = redisRecords(server.client(), { durability: 'none' })
    expect(store.durability).toBe('none')
    await open({ durability: 'power' })
    expect(opened.at(-1)?.durability).toBe('power')
  })

  it('is "process" where the settings may not be read', async () => {
    await send('ACL', 'SETUSER', 'guest', 'on', '>pass', '~*', '&*', '+@all', '-config', '-memory')
    const store = await open({}, server.client({ username: 'guest', password: 'pass' }))
    expect(store.durability).toBe('process')
    await store.compact()
    await send('ACL', 'DELUSER', 'guest')
  })

  it('is not promised by a Redis that drops keys when its memory is full', async () => {
    await config('maxmemory-policy', 'allkeys-lru')
    await expect(open()).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      retryable: false,
      message: expect.stringMatching(/noeviction/),
    })
    await open({ durability: 'none' })
    await config('maxmemory-policy', 'noeviction')
  })
})

describe('redisRecords refused by Redis', () => {
  it('rejects with AIOS_QUOTA_EXCEEDED when the memory is full, and can still remove', async () => {
    const store = await open()
    await store.put('a', KEY, new Uint8Array(1_000))
    await config('maxmemory', '1')
    const put = { op: 'put', space: 'a', key: bytes('l'), value: KEY } as const
    await expect(store.batch([put])).rejects.toMatchObject({ code: 'AIOS_QUOTA_EXCEEDED' })
    expect(await store.get('a', bytes('l'))).toBeUndefined()
    expect(await store.remove('a', KEY)).toBe(true)
    await config('maxmemory', '0')
    expect(await store.size()).toEqual({ records: 0, bytes: 0 })
  })

  it('rejects writes on a replica, and still reads', async () => {
    const store = await open()
    await store.put('a', KEY, KEY)
    await send('REPLICAOF', '127.0.0.1', '1')
    await expect(store.put('a', KEY, KEY)).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      message: expect.stringMatching(/replica/),
    })
    await send('REPLICAOF', 'NO', 'ONE')
    await store.put('a', KEY, KEY)
  })

  it('rejects at once when the user or the password is wrong', async () => {
    const store = open({ timeoutMs: 60_000 }, server.client({ username: 'nobody', password: 'x' }))
    await expect(store).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      retryable: false,
      message: expect.stringMatching(/password/),
    })
  })

  it('works for a user with just the rights that the guide names', async () => {
    const rights = '~aios:* &aios:* +@read +@write +@scripting +@pubsub +hello +ping +select +time'.split(' ')
    await send('ACL', 'SETUSER', 'modest', 'on', '>pass', 'resetkeys', 'resetchannels', ...rights)
    const store = await open({}, server.client({ username: 'modest', password: 'pass' }))
    const feed = store.watch()[Symbol.asyncIterator]()
    await store.put('a', KEY, KEY)
    expect((await feed.next()).value).toMatchObject({ type: 'put' })
    await feed.return?.()
    const chunks: Uint8Array[] = []
    for await (const chunk of store.export()) chunks.push(chunk)
    expect(await store.import(chunks)).toBe(1)
    await store.compact()
    expect(await store.size()).toEqual({ records: 1, bytes: 2 })
    await store.close()
    await send('ACL', 'DELUSER', 'modest')
  })

  it('rejects the reader of a feed when listening is forbidden, and goes on writing', async () => {
    await send('ACL', 'SETUSER', 'deaf', 'on', '>pass', '~*', 'resetchannels', '&none', '+@all', '-subscribe')
    const store = await open({}, server.client({ username: 'deaf', password: 'pass' }))
    const feed = store.watch()[Symbol.asyncIterator]()
    const next = feed.next()
    await expect(next).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      message: expect.stringMatching(/may not do/),
    })
    await send('ACL', 'DELUSER', 'deaf')
  })

  it('refuses a batch that is larger than Redis takes', async () => {
    const store = await open()
    const value = new Uint8Array(268_435_456)
    const writes = ['1', '2', '3'].map((key) => ({ op: 'put' as const, space: 'a', key: bytes(key), value }))
    await expect(store.batch(writes)).rejects.toMatchObject({
      code: 'AIOS_INVALID_OPTION',
      message: expect.stringMatching(/several batches/),
    })
  })

  it.each([
    ['MISCONF Errors writing to the AOF file: No space left on device', 'AIOS_QUOTA_EXCEEDED', false],
    ['MISCONF Redis is configured to save RDB snapshots', 'AIOS_STORE_UNAVAILABLE', true],
    ['LOADING Redis is loading the dataset in memory', 'AIOS_STORE_UNAVAILABLE', true],
    ['ERR Error running script (call to f_1): @user_script:3: -OOM command not allowed', 'AIOS_QUOTA_EXCEEDED', false],
    ['ERR Error running script: WRONGTYPE Operation against a key', 'AIOS_CORRUPT', false],
    ["ERR The user executing the script can't run this command", 'AIOS_STORE_UNAVAILABLE', false],
    ['MOVED 3999 127.0.0.1:6381', 'AIOS_STORE_UNAVAILABLE', false],
    ['ERR max number of clients reached', 'AIOS_STORE_UNAVAILABLE', true],
    ['Socket closed unexpectedly', 'AIOS_STORE_UNAVAILABLE', true],
  ])('translates %s', (message, code, retryable) => {
    expect(redisFailure('store', new Error(message))).toMatchObject({ code, retryable })
    expect(redisFailure('store', message)).toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
  })
})

describe('redisRecords over what others wrote', () => {
  it('names a value that was changed, and keeps the other records readable', async () => {
    const store = await open()
    for (const key of ['1', '2', '3']) await store.put('a', bytes(key), bytes(key))
    const frame = (await server.with((client) =>
      client.withTypeMapping({ 36: Buffer }).hGet(`${ROOT}data:a`, '2'),
    )) as Buffer
    frame[13]! ^= 1
    for (const wrong of [
      frame,
      Buffer.from('short'),
      Buffer.from(''),
      Buffer.concat([Buffer.alloc(8), frame.subarray(8)]),
    ]) {
      await server.with((client) => client.hSet(`${ROOT}data:a`, '2', wrong))
      const failure = { code: 'AIOS_CORRUPT', details: { space: 'a', key: bytes('2') } }
      await expect(store.get('a', bytes('2'))).rejects.toMatchObject(failure)
      expect((await store.getMany('a', [bytes('1'), bytes('3')])).map((record) => record?.value)).toEqual([
        bytes('1'),
        bytes('3'),
      ])
    }
    await server.with((client) => client.hSet(`${ROOT}data:a`, '2', 'short'))
    await expect(store.put('a', bytes('2'), KEY, { ifVersion: 1 })).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    const chunks: Uint8Array[] = []
    for await (const chunk of store.export()) chunks.push(chunk)
    expect(await (await open({ prefix: 'copy:' })).import(chunks)).toBe(2)
    await store.put('a', bytes('2'), KEY)
    expect((await store.get('a', bytes('2')))?.value).toEqual(KEY)
  })

  it('names a record whose value was taken away', async () => {
    const store = await open()
    await store.put('a', KEY, KEY)
    await server.with((client) => client.hDel(`${ROOT}data:a`, 'k'))
    const range = store.range('a')[Symbol.asyncIterator]()
    await expect(range.next()).rejects.toMatchObject({ code: 'AIOS_CORRUPT', details: { space: 'a' } })
  })

  it('rejects with AIOS_CORRUPT where keys of its names are no store, and leaves them as they are', async () => {
    await send('SET', `${ROOT}meta`, 'mine')
    await expect(open()).rejects.toMatchObject({ code: 'AIOS_CORRUPT', message: expect.stringMatching(/prefix/) })
    expect(await send('GET', `${ROOT}meta`)).toBe('mine')
    await send('DEL', `${ROOT}meta`)
    await send('HSET', `${ROOT}meta`, 'a', 'b')
    await expect(open()).rejects.toMatchObject({ code: 'AIOS_CORRUPT', message: expect.stringMatching(/prefix/) })
    await send('DEL', `${ROOT}meta`)
    const store = await open()
    await send('SET', `${ROOT}keys:b`, 'mine')
    const writes = ['a', 'b'].map((space) => ({ op: 'put' as const, space, key: KEY, value: KEY }))
    await expect(store.batch(writes)).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    expect(await store.get('a', KEY)).toBeUndefined()
    expect(await send('GET', `${ROOT}keys:b`)).toBe('mine')
  })

  it('leaves the data of a newer version alone', async () => {
    const store = await open()
    await send('HSET', `${ROOT}meta`, 'schema', '2')
    const failure = { code: 'AIOS_STORE_UNAVAILABLE', retryable: false, message: expect.stringMatching(/layout 2/) }
    await expect(store.put('a', KEY, KEY)).rejects.toMatchObject(failure)
    await expect(open()).rejects.toMatchObject(failure)
  })

  it('ignores messages that no store published', async () => {
    const store = await open()
    const feed = store.watch()[Symbol.asyncIterator]()
    await store.put('a', KEY, KEY)
    for (const message of ['', '12345678p', '12345678pversion1\x05\x00\x05'])
      await server.with((client) => client.publish(`${ROOT}changes`, message))
    await store.remove('a', KEY)
    expect((await feed.next()).value).toMatchObject({ type: 'put' })
    expect((await feed.next()).value).toMatchObject({ type: 'remove' })
    await feed.return?.()
  })

  it('tells a feed that the store was emptied from outside', async () => {
    const store = await open()
    const feed = store.watch()[Symbol.asyncIterator]()
    await store.put('a', KEY, KEY)
    await feed.next()
    await send('FLUSHALL')
    await store.put('a', KEY, KEY)
    expect((await feed.next()).value).toEqual({ type: 'lost', count: 1 })
    expect((await feed.next()).value).toMatchObject({ type: 'put' })
    await feed.return?.()
  })
})
