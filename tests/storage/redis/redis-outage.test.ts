import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { redisRecords, type RedisRecordsOptions } from '@aios/storage/redis'
import { AiosError, type RecordStore } from '@aios/kernel/driver'
import { createClient } from 'redis'
import { join } from 'node:path'
import { DeafProxy } from './deaf-proxy.js'
import { RedisServer } from './redis-server.js'

const bytes = (text: string) => new Uint8Array(Buffer.from(text))
const text = (value: Uint8Array | undefined) => (value === undefined ? undefined : Buffer.from(value).toString())
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

let server: RedisServer
const opened: RecordStore[] = []

async function open(options?: RedisRecordsOptions): Promise<RecordStore> {
  const store = redisRecords(server.client(), options)
  await store.open()
  opened.push(store)
  return store
}

/** Reads every record of a space as text. */
async function contentOf(store: RecordStore, space: string): Promise<Map<string, string>> {
  const content = new Map<string, string>()
  for await (const { key, value } of store.range(space)) content.set(text(key)!, text(value)!)
  return content
}

beforeEach(async () => {
  server = await RedisServer.start()
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  await server.close()
})

describe('redisRecords over bad connections', () => {
  it('makes every write exactly once, conditions included, however often its connection is cut', async () => {
    const store = await open()
    const key = bytes('counter')
    await store.put('a', key, bytes('0'))
    const cuts = server.cutting(10)
    const writers = Array.from({ length: 8 }, async () => {
      let conflicts = 0
      for (let done = 0; done < 20;) {
        const { value, version } = (await store.get('a', key))!
        try {
          await store.put('a', key, bytes(String(Number(text(value)) + 1)), { ifVersion: version })
          done += 1
        } catch (error) {
          if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
          conflicts += 1
        }
      }
      return conflicts
    })
    await Promise.all(writers)
    expect(await cuts.stop()).toBeGreaterThan(3)
    expect(text((await store.get('a', key))?.value)).toBe('160')
  }, 60_000)

  it('commits in the order of the calls however often its connection is cut', async () => {
    const store = await open()
    const cuts = server.cutting(50)
    const puts = Array.from({ length: 2_000 }, (_, n) => store.put('a', bytes('k'), bytes(String(n))))
    const versions = await Promise.all(puts)
    await cuts.stop()
    expect(versions.every((version, n) => n === 0 || version > versions[n - 1]!)).toBe(true)
    expect(text((await store.get('a', bytes('k')))?.value)).toBe('1999')
  }, 60_000)

  it('loads its scripts again when Redis forgot them', async () => {
    const store = await open()
    await store.put('a', bytes('k'), bytes('1'))
    await server.with((client) => client.scriptFlush())
    const puts = ['2', '3', '4'].map((value) => store.put('a', bytes('k'), bytes(value)))
    await Promise.all(puts)
    expect(text((await store.get('a', bytes('k')))?.value)).toBe('4')
  })

  it('loses nothing that was acknowledged, and tears no batch, when Redis is killed and started again', async () => {
    const store = await open({ timeoutMs: 20_000 })
    const acknowledged = new Map<string, string>()
    let isOn = true
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; isOn; n += 1) {
        const value = bytes(`${n}`)
        await store.batch(
          ['x', 'y', 'z'].map((part) => ({ op: 'put' as const, space: part, key: bytes(`w${writer}`), value })),
        )
        acknowledged.set(`w${writer}`, `${n}`)
      }
    })
    for (let round = 0; round < 3; round += 1) {
      for (let turn = 0; turn < 300; turn += 1) await nextTurn()
      await server.kill()
      await server.start()
    }
    isOn = false
    await Promise.all(writers)
    const [x, y, z] = [await contentOf(store, 'x'), await contentOf(store, 'y'), await contentOf(store, 'z')]
    expect(x).toEqual(acknowledged)
    expect(y).toEqual(x)
    expect(z).toEqual(x)
  }, 60_000)

  it('rejects what waits after timeoutMs while Redis is frozen, and goes on when it is not', async () => {
    const store = await open({ timeoutMs: 300 })
    await store.put('a', bytes('k'), bytes('before'))
    server.freeze()
    const waiting = [
      store.put('a', bytes('k'), bytes('lost 1')),
      store.get('a', bytes('k')),
      store.batch([{ op: 'remove', space: 'a', key: bytes('k') }]),
      store.size(),
      store.compact(),
    ]
    const outcomes = await Promise.allSettled(waiting)
    expect(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as AiosError).code : 'done')),
    ).toEqual(waiting.map(() => 'AIOS_STORE_UNAVAILABLE'))
    const after = store.put('a', bytes('k'), bytes('after'))
    server.thaw()
    await after.catch(() => undefined)
    await store.put('a', bytes('k'), bytes('later'))
    for (let turn = 0; turn < 300; turn += 1) await nextTurn()
    expect(text((await store.get('a', bytes('k')))?.value)).toBe('later')
  })

  it('rejects within timeoutMs when there is no server, before as after open', async () => {
    const store = await open({ timeoutMs: 200 })
    await server.kill()
    const puts = await Promise.allSettled([store.put('a', bytes('k'), bytes('1')), store.get('a', bytes('k'))])
    expect(puts).toMatchObject([
      { status: 'rejected', reason: { code: 'AIOS_STORE_UNAVAILABLE', retryable: true } },
      { status: 'rejected', reason: { code: 'AIOS_STORE_UNAVAILABLE' } },
    ])
    const other = redisRecords(server.client(), { timeoutMs: 200 })
    await expect(other.open()).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      message: expect.stringMatching(/no connection/),
    })
    await expect(other.get('a', bytes('k'))).rejects.toMatchObject({ code: 'AIOS_CLOSED' })
  })

  it('bounds how many calls wait for a connection', async () => {
    const store = await open({ timeoutMs: 300 })
    await server.kill()
    await store.get('a', bytes('k')).catch(() => undefined)
    const gets = Array.from({ length: 10_050 }, () => store.get('a', bytes('k')))
    const outcomes = await Promise.allSettled(gets)
    const refused = outcomes.filter(
      (outcome) => outcome.status === 'rejected' && /wait for one already/.test((outcome.reason as Error).message),
    )
    expect(refused).toHaveLength(50)
  })

  it('takes another connection when one does not answer', async () => {
    const proxy = await DeafProxy.start(join(server.folder, 'proxy.sock'), server.socket)
    const client = createClient({ socket: { path: proxy.path, tls: false } })
    const store = redisRecords(client, { timeoutMs: 300 })
    await store.open()
    proxy.deafen()
    const waiting = store.put('a', bytes('k'), bytes('1'))
    await expect(waiting).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      message: expect.stringMatching(/may have/),
    })
    await store.put('a', bytes('k'), bytes('2'))
    expect(text((await store.get('a', bytes('k')))?.value)).toBe('2')
    await store.close()
    await proxy.close()
  })

  it('closes while Redis is frozen', async () => {
    const store = redisRecords(server.client(), { timeoutMs: 200 })
    await store.open()
    const feed = store.watch()[Symbol.asyncIterator]()
    await store.put('a', bytes('k'), bytes('1'))
    server.freeze()
    const put = store.put('a', bytes('k'), bytes('2'))
    await Promise.allSettled([put, store.close()])
    await expect(put).rejects.toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
    server.thaw()
    expect((await feed.next()).value).toMatchObject({ type: 'put' })
  })

  it('tells a feed how many changes it lost while its connection was cut', async () => {
    const [watched, other] = [await open(), await open()]
    const feed = watched.watch()[Symbol.asyncIterator]()
    await watched.put('a', bytes('k'), bytes('0'))
    expect((await feed.next()).value).toMatchObject({ type: 'put' })
    await server.with((client) => client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']))
    await other.batch(
      ['1', '2', '3'].map((key) => ({ op: 'put' as const, space: 'a', key: bytes(key), value: bytes('') })),
    )
    expect((await feed.next()).value).toEqual({ type: 'lost', count: 3 })
    await other.remove('a', bytes('3'))
    expect((await feed.next()).value).toEqual({ type: 'remove', space: 'a', key: bytes('3') })
    await feed.return?.()
  })
})
