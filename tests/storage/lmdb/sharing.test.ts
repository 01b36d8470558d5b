import { lmdbRecords, type LmdbRecordsOptions } from '@aios/storage/lmdb'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { decodeRecords } from '@aios/kernel/driver'
import { afterEach, describe, expect, it } from 'vitest'
import { runs } from '../../setup/runs.js'
import { lmdbSettings } from '../../../packages/storage/src/lmdb/lmdb-options.js'
import { LmdbRecords } from '../../../packages/storage/src/lmdb/lmdb-records.js'
import { freshDirectories } from '../fresh-directory.js'
import { bytes, collect, textAt } from './lmdb-ground.js'
import { Puppet } from './puppet.js'

const fresh = freshDirectories()
let puppets: Puppet[] = []
const start = async (count: number): Promise<Puppet[]> => {
  puppets = await Puppet.start(count)
  return puppets
}
afterEach(() => Promise.all(puppets.splice(0).map((puppet) => puppet.kill())))
const opened = async (dir: string, options?: LmdbRecordsOptions): Promise<ReturnType<typeof lmdbRecords>> => {
  const store = lmdbRecords(dir, options)
  await store.open()
  return store
}

describe('lmdbRecords of several processes', () => {
  it('loses nothing that was acknowledged while others open, write and close', async () => {
    const dir = await fresh()
    const [writer, ...others] = await start(3)
    await writer!.do('open', dir)
    await writer!.do('begin', 'steady', 4)
    const times = runs(40, 2_000)
    const said = await Promise.all(others.map((puppet, at) => puppet.do<string[]>('comeAndGo', dir, `p${at}`, times)))
    expect(await writer!.do('end')).toBeGreaterThan(0)
    const keys = new Set(await writer!.do<string[]>('keys'))
    expect(said.flat().filter((key) => !keys.has(key))).toEqual([])
    const store = await opened(dir)
    expect((await store.size('shared')).records).toBe(keys.size)
    await store.close()
  }, 600_000)

  it('lets them all come and go at one moment, each in its turn', async () => {
    const dir = await fresh()
    const all = await start(3)
    const said = await Promise.all(
      all.map((puppet, at) => puppet.do<string[]>('comeAndGo', dir, `p${at}`, runs(30, 1_000))),
    )
    const store = await opened(dir)
    const keys = (await collect(store.range('shared'))).map(({ key }) => Buffer.from(key).toString())
    expect(keys.sort()).toEqual(said.flat().sort())
    expect(new Set((await collect(store.range('shared'))).map(({ version }) => version)).size).toBe(keys.length)
    await store.close()
  }, 600_000)

  it('gives each of two that write without a pause about as much as the other', async () => {
    const dir = await fresh()
    const all = await start(2)
    for (const puppet of all) await puppet.do('open', dir)
    await Promise.all(all.map((puppet, at) => puppet.do('begin', `p${at}`, 8)))
    const store = await opened(dir)
    for (let at = 0; at < 50; at += 1) {
      await store.put('here', bytes('k'), bytes(`${at}`))
      // So long that it has to wait for another turn, and many turns go round.
      await sleep(10)
    }
    const [one = 0, two = 0] = await Promise.all(all.map((puppet) => puppet.do<number>('end')))
    expect(Math.min(one, two)).toBeGreaterThan(Math.max(one, two) / 10)
    await store.close()
  }, 60_000)

  it('shows a reader what others write at once, also when the file has grown far beyond what it knew', async () => {
    const dir = await fresh()
    const [writer] = await start(1)
    await writer!.do('open', dir)
    await writer!.do('fill', 'early', 50, 1_000)
    const reader = await opened(dir, { readOnly: true })
    const moment = reader.export()[Symbol.asyncIterator]()
    const first = await moment.next()
    for (const round of ['a', 'b', 'c']) {
      await writer!.do('fill', round, 100, 100_000)
      expect((await reader.get('shared', bytes(`${round} 99`)))?.value.length).toBe(100_000)
    }
    expect(await reader.size('shared')).toMatchObject({ records: 350 })
    const rest = await collect({ [Symbol.asyncIterator]: () => moment })
    const exported = await collect(decodeRecords([first.value as Uint8Array, ...rest]))
    expect(exported).toHaveLength(50)
    await writer!.do('put', 'early 0', 'now')
    expect(await textAt(reader, 'shared', 'early 0')).toBe('now')
    await expect(reader.put('shared', bytes('k'), bytes('v'))).rejects.toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
    await reader.close()
    expect(await writer!.do('get', 'early 0')).toBe('now')
  }, 60_000)

  it('lets one copy, compact and export the store, and close, while another writes', async () => {
    const dir = await fresh()
    const [writer] = await start(1)
    await writer!.do('open', dir)
    await writer!.do('fill', 'early', 500, 2_000)
    const store = await opened(dir)
    await writer!.do('begin', 'on', 4)
    const copy = join(await fresh(), 'copy')
    await Promise.all([store.backup(copy), store.compact(), store.put('shared', bytes('mine'), bytes('v'))])
    const exported = await collect(decodeRecords(store.export()))
    expect(exported.filter(({ space }) => space === 'shared').length).toBe(501)
    await store.close()
    expect(await writer!.do('end')).toBeGreaterThan(0)
    expect(await writer!.do('get', 'mine')).toBe('v')
    const copied = await opened(copy)
    expect((await copied.size('shared')).records).toBeGreaterThanOrEqual(500)
    await copied.close()
  }, 60_000)

  it('changes nothing of the environment that is their gate', async () => {
    const dir = await fresh()
    const [other] = await start(1)
    await other!.do('open', dir)
    const before = await readFile(join(dir, 'gate', 'data.mdb'))
    const store = await opened(dir)
    await Promise.all([other!.do('fill', 'a', 50, 10), store.put('shared', bytes('k'), bytes('v'))])
    await store.close()
    await other!.do('close')
    expect((await readFile(join(dir, 'gate', 'data.mdb'))).equals(before)).toBe(true)
  }, 60_000)
})

describe('lmdbRecords while another process has the turn', () => {
  it('keeps writes until then, in the order in which they were asked for, and closes after them', async () => {
    const dir = await fresh()
    const [other] = await start(1)
    await other!.do('open', dir)
    const store = await opened(dir)
    const again = await opened(dir)
    await store.put('shared', bytes('k'), bytes('0'))
    other!.tell('busyInTurn', 300)
    await expect.poll(async () => (await again.get('shared', bytes('in turn'))) !== undefined).toBe(true)
    const value = bytes('1')
    const order: string[] = []
    const asked = [
      store.put('shared', bytes('k'), value).then(() => order.push('put')),
      store.remove('shared', bytes('k')).then(() => order.push('remove')),
      store.put('shared', bytes('k'), bytes('2'), { ifVersion: 1 }).catch(() => order.push('refused')),
      store.batch([{ op: 'put', space: 'shared', key: bytes('k'), value: bytes('3') }]).then(() => order.push('batch')),
      again.put('shared', bytes('other'), bytes('x')).then(() => order.push('again')),
    ]
    value.fill(0)
    await store.close()
    await Promise.all(asked)
    expect(order).toEqual(['put', 'remove', 'refused', 'batch', 'again'])
    expect(await textAt(again, 'shared', 'k')).toBe('3')
    await again.close()
    await again.close()
  }, 60_000)

  it('goes on within a second when that one is killed, and loses nothing', async () => {
    const dir = await fresh()
    const [other] = await start(1)
    await other!.do('open', dir)
    const store = await opened(dir)
    for (let round = 0; round < 2; round += 1) {
      const [mortal] = await Puppet.start(1)
      await mortal!.do('open', dir)
      await mortal!.do('put', `before ${round}`, 'v')
      mortal!.tell('signalInTurn', 'SIGKILL')
      await mortal!.gone()
      const began = performance.now()
      await store.put('shared', bytes('here'), bytes(`${round}`))
      await other!.do('put', 'there', `${round}`)
      expect(performance.now() - began).toBeLessThan(1_000)
      expect(await textAt(store, 'shared', `before ${round}`)).toBe('v')
    }
    await store.close()
  }, 60_000)

  it('says after some seconds that a write was not made, and who is there, and neither opens nor hangs', async () => {
    const dir = await fresh()
    const [stopped, late, reader] = await start(3)
    await stopped!.do('open', dir)
    const store = await opened(dir)
    const version = await store.put('shared', bytes('k'), bytes('before'))
    await stopped!.do('signalInTurn', 'SIGSTOP')
    const wanted = { code: 'AIOS_STORE_UNAVAILABLE', retryable: true }
    const openings = Promise.allSettled([late!.do('open', dir), reader!.do('open', dir, { readOnly: true })])
    const writes = [store.put('shared', bytes('k'), bytes('after')), store.remove('shared', bytes('k'))]
    const who = `process ${stopped!.pid}`
    const notMade = new RegExp(`${who}\\b.*this write was not made`)
    for (const write of writes)
      await expect(write).rejects.toMatchObject({ ...wanted, message: expect.stringMatching(notMade) })
    const refused = { status: 'rejected', reason: { ...wanted, message: expect.stringContaining(who) } }
    expect(await openings).toMatchObject([refused, refused])
    expect(await store.get('shared', bytes('k'))).toMatchObject({ version })
    await store.close()
    stopped!.signal('SIGCONT')
    await late!.do('open', dir)
    await late!.do('put', 'k', 'after')
    expect(await stopped!.do('get', 'k')).toBe('after')
    expect(await stopped!.do('get', 'in turn')).toBe('SIGSTOP')
  }, 60_000)
})

describe('lmdbRecords beside an opener that is not compatible', () => {
  it('refuses another durability, whoever came first, and lets readers in', async () => {
    const dir = await fresh()
    const [other] = await start(1)
    const wanted = (pid: number) => ({
      code: 'AIOS_STORE_UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`process ${pid} had it open with another durability`)),
    })
    await other!.do('open', dir, { durability: 'power' })
    await expect(opened(dir)).rejects.toMatchObject(wanted(other!.pid))
    await (await opened(dir, { readOnly: true })).close()
    const same = await opened(dir, { durability: 'power' })
    await other!.do('close')
    await expect(other!.do('open', dir)).rejects.toMatchObject(wanted(process.pid))
    await same.close()
    const reader = await opened(dir, { readOnly: true })
    await other!.do('open', dir)
    await other!.do('put', 'k', 'v')
    expect(await textAt(reader, 'shared', 'k')).toBe('v')
    await reader.close()
  }, 60_000)

  it('brings no store up to date that another has open', async () => {
    const dir = await fresh()
    const [other] = await start(1)
    await other!.do('open', dir)
    const newer = (): LmdbRecords =>
      new LmdbRecords(lmdbSettings(dir, {}), { version: 2, migrations: [() => undefined] })
    await expect(newer().open()).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      message: expect.stringContaining(`process ${other!.pid} had it open, and it has to be brought up to date`),
    })
    await other!.do('put', 'k', 'v')
    await other!.do('close')
    const store = newer()
    await store.open()
    await expect(other!.do('open', dir)).rejects.toMatchObject({ message: expect.stringContaining('newer version') })
    await store.close()
  }, 60_000)

  it('refuses to write to a damaged store, also beside one that only reads it', async () => {
    const dir = await fresh()
    const store = await opened(dir)
    await store.put('notes', bytes('three'), bytes('v'))
    await store.close()
    const content = await readFile(join(dir, 'data.mdb'))
    for (let at = content.indexOf('notes\0three'); at !== -1; at = content.indexOf('notes\0three', at))
      content.write('notes\0thrEe', at, 'latin1')
    await writeFile(join(dir, 'data.mdb'), content)
    const [reader] = await start(1)
    await reader!.do('open', dir, { readOnly: true })
    await expect(opened(dir)).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    const other = await opened(dir, { readOnly: true })
    await expect(other.get('notes', bytes('three'))).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    await other.close()
  }, 60_000)
})
