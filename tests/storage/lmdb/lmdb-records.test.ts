import { lmdbRecords, type LmdbRecordsOptions } from '@aios/storage/lmdb'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { needsMount, needsProgram } from '../../setup/needs.js'
import { freshDirectories } from '../fresh-directory.js'
import { bytes, collect, sumOf, textAt } from './lmdb-ground.js'
import { NODE_ARGUMENTS } from '../../setup/node-arguments.js'

const fresh = freshDirectories()
const opened = async (dir: string, options?: LmdbRecordsOptions): Promise<ReturnType<typeof lmdbRecords>> => {
  const store = lmdbRecords(dir, options)
  await store.open()
  return store
}
const refusal = (dir: string, options?: LmdbRecordsOptions): Promise<unknown> =>
  lmdbRecords(dir, options)
    .open()
    .catch((error: unknown) => error)

describe('lmdbRecords opens', () => {
  it('a directory that is not there yet, with its parents, and leaves nothing else in it', async () => {
    const dir = join(await fresh(), 'a', 'b')
    await (await opened(dir)).close()
    expect((await readdir(dir)).sort()).toEqual(['data.mdb', 'gate', 'lock.mdb'])
  })

  it('one directory for several who come at the same moment', async () => {
    const dir = join(await fresh(), 'new')
    const stores = await Promise.all([opened(dir), opened(dir), opened(dir)])
    const versions = await Promise.all(stores.map((store, at) => store.put('a', bytes(`${at}`), bytes('x'))))
    expect(new Set(versions).size).toBe(3)
    for (const store of stores) expect(await store.size('a')).toMatchObject({ records: 3 })
    for (const store of stores) await store.close()
    expect((await readdir(dir)).sort()).toEqual(['data.mdb', 'gate', 'lock.mdb'])
  })

  it('no file, and no path below one, and says so', async () => {
    const file = join(await fresh(), 'file')
    await writeFile(file, 'x')
    const wanted = {
      code: 'AIOS_STORE_UNAVAILABLE',
      message: expect.stringContaining('a file where a directory is needed'),
    }
    expect(await refusal(file)).toMatchObject(wanted)
    expect(await refusal(join(file, 'below'))).toMatchObject(wanted)
  })

  it('nothing where the system lets nobody write', async () => {
    expect(await refusal('/proc/aios-records')).toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
  })

  it('only with options it knows, and a path', () => {
    expect(() => lmdbRecords('x', { durabilty: 'power' } as object)).toThrow(/durabilty/)
    expect(() => lmdbRecords('x', { durability: 'none' as 'power' })).toThrow(/durability/)
    expect(() => lmdbRecords('')).toThrow(/path of a directory/)
  })
})

describe('lmdbRecords that only reads', () => {
  it('changes no byte of the data, and refuses every write', async () => {
    const dir = await fresh()
    const writer = await opened(dir)
    await writer.put('a', bytes('k'), bytes('v'))
    await writer.close()
    const before = await sumOf(dir).then(async () => (await stat(join(dir, 'data.mdb'))).mtimeMs)
    const store = await opened(dir, { readOnly: true })
    expect(await textAt(store, 'a', 'k')).toBe('v')
    const wanted = { code: 'AIOS_STORE_UNAVAILABLE', retryable: false }
    await expect(store.put('a', bytes('k'), bytes('w'))).rejects.toMatchObject(wanted)
    await expect(store.remove('a', bytes('k'))).rejects.toMatchObject(wanted)
    await expect(store.batch([])).rejects.toMatchObject(wanted)
    await expect(store.import([])).rejects.toMatchObject(wanted)
    await expect(store.compact()).rejects.toMatchObject(wanted)
    await store.close()
    expect((await stat(join(dir, 'data.mdb'))).mtimeMs).toBe(before)
  })

  it('makes nothing where there is no store', async () => {
    const dir = join(await fresh(), 'none')
    const wanted = {
      code: 'AIOS_STORE_UNAVAILABLE',
      message: expect.stringContaining('open it once without "readOnly"'),
    }
    expect(await refusal(dir, { readOnly: true })).toMatchObject(wanted)
    await mkdir(dir)
    expect(await refusal(dir, { readOnly: true })).toMatchObject(wanted)
    expect(await readdir(dir)).toEqual([])
  })
})

describe('lmdbRecords shared', () => {
  it('refuses who means something else by "committed", says who is there, and lets it in when that one is gone', async () => {
    const dir = await fresh()
    const lazy = await opened(dir)
    expect(await refusal(dir, { durability: 'power' })).toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`process ${process.pid} has it open`)),
    })
    await lazy.put('a', bytes('k'), bytes('v'))
    await lazy.close()
    const careful = await opened(dir, { durability: 'power' })
    expect(careful.durability).toBe('power')
    expect(await textAt(careful, 'a', 'k')).toBe('v')
    expect(await refusal(dir)).toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
    await careful.close()
  })

  it('never gives a version twice, whoever opens the store, whatever was removed', async () => {
    const dir = await fresh()
    const versions = new Set<number>()
    for (let opening = 0; opening < 4; opening += 1) {
      const store = await opened(dir)
      for (let at = 0; at < 5; at += 1) {
        versions.add(await store.put('a', bytes('k'), bytes('v')))
        await store.remove('a', bytes('k'))
      }
      await store.close()
    }
    expect(versions.size).toBe(20)
  })
})

describe('lmdbRecords writes', () => {
  it('a batch with far more conditions than a stack bears, or nothing of it', async () => {
    const store = await opened(await fresh())
    const many = Array.from({ length: 3_000 }, (_, at) => bytes(`key ${at}`))
    const write = (key: Uint8Array, ifVersion: number) => ({
      op: 'put' as const,
      space: 'a',
      key,
      value: bytes('x'),
      ifVersion,
    })
    await store.batch(many.map((key) => write(key, 0)))
    const versions = (await store.getMany('a', many)).map((record) => record?.version ?? 0)
    await store.batch(many.map((key, at) => write(key, versions[at] ?? 0)))
    const now = (await store.getMany('a', many)).map((record) => record?.version ?? 0)
    for (const at of [0, 31, 32, 1_500, 2_999]) {
      const stale = now.map((version, each) => (each === at ? (versions[each] ?? 0) : version))
      const failing = store.batch(many.map((key, each) => write(key, stale[each] ?? 0)))
      await expect(failing).rejects.toMatchObject({ code: 'AIOS_VERSION_CONFLICT', details: { key: many[at] } })
    }
    expect((await store.getMany('a', many)).map((record) => record?.version)).toEqual(now)
    expect(await store.size()).toMatchObject({ records: 3_000 })
    await store.close()
  })

  it('a value of 100 megabytes, and reads it', async () => {
    const store = await opened(await fresh())
    const value = new Uint8Array(100_000_000).map((_, at) => at % 251)
    await store.put('a', bytes('large'), value)
    const read = await store.get('a', bytes('large'))
    expect(Buffer.compare(read?.value ?? bytes(''), value)).toBe(0)
    await store.close()
  }, 60_000)

  it('into the room of what was removed before it takes new', async () => {
    const dir = await fresh()
    const store = await opened(dir)
    const fill = async (round: number): Promise<number> => {
      for (let part = 0; part < 4; part += 1)
        await store.batch(
          Array.from({ length: 250 }, (_, at) => ({
            op: 'put' as const,
            space: `round-${round}`,
            key: bytes(`${part}-${at}`),
            value: new Uint8Array(4_000),
          })),
        )
      const { size } = await stat(join(dir, 'data.mdb'))
      const keys = await collect(store.range(`round-${round}`))
      await store.batch(keys.map(({ key }) => ({ op: 'remove' as const, space: `round-${round}`, key })))
      await store.compact()
      return size
    }
    const first = await fill(0)
    let last = first
    for (let round = 1; round < 6; round += 1) last = await fill(round)
    expect(last).toBeLessThan(first * 1.3)
    const copy = join(await fresh(), 'copy')
    await store.backup(copy)
    expect((await stat(join(copy, 'data.mdb'))).size).toBeLessThan(first / 20)
    await store.close()
  })

  const whenFull = {
    code: 'AIOS_QUOTA_EXCEEDED',
    batch: 'AIOS_QUOTA_EXCEEDED',
    isWhole: true,
    inBatch: 0,
    isThere: true,
    unheard: 0,
  }
  const reported = async (shell: string, command: string): Promise<unknown> => {
    const child = spawn(shell, ['-c', command], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    const closed = once(child, 'close')
    const [report] = (await Promise.race([once(child, 'message'), closed])) as [unknown]
    await closed
    return report
  }
  const fillAt = (...places: readonly string[]): string => {
    const program = new URL('full-disk-child.ts', import.meta.url).pathname
    return [process.execPath, ...NODE_ARGUMENTS, program, ...places].map((word) => `'${word}'`).join(' ')
  }

  needsProgram(
    'bash',
    'until no file may grow any more, then says so, loses nothing, and goes on when there is room',
    async (bash) => {
      const dir = await fresh()
      expect(await reported(bash, `trap '' XFSZ; ulimit -f 3000; exec ${fillAt(dir)}`)).toEqual(whenFull)
      const store = await opened(dir)
      expect(await store.get('fill', bytes('again'))).toBeDefined()
      await store.close()
    },
  )

  needsMount('until the disk is full, then says so, loses nothing, and goes on when there is room', async (inMount) => {
    const disk = await fresh()
    const command = `mount -t tmpfs -o size=3m tmpfs '${disk}' && exec ${fillAt(join(disk, 'store'), join(disk, 'ballast'))}`
    expect(await reported('sh', `exec ${inMount} sh -c "${command}"`)).toEqual(whenFull)
  })
})

describe('lmdbRecords copies', () => {
  it('itself into a store that opens, while it is written to, and into no directory that holds something', async () => {
    const store = await opened(await fresh())
    await store.batch(
      Array.from({ length: 2_000 }, (_, at) => ({
        op: 'put' as const,
        space: 'a',
        key: bytes(`${at}`),
        value: bytes('v'),
      })),
    )
    const copy = join(await fresh(), 'copy')
    const [, later] = await Promise.all([store.backup(copy), store.put('later', bytes('k'), bytes('v'))])
    expect(later).toBeGreaterThan(0)
    await expect(store.backup(copy)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await store.close()
    const copied = await opened(copy)
    expect(await copied.size('a')).toMatchObject({ records: 2_000 })
    await copied.put('a', bytes('more'), bytes('v'))
    await copied.close()
    const again = await opened(copy)
    expect(await textAt(again, 'a', 'more')).toBe('v')
    await again.close()
  })

  it('itself to the end before it closes', async () => {
    const store = await opened(await fresh())
    await store.put('a', bytes('k'), new Uint8Array(3_000_000))
    const copy = join(await fresh(), 'copy')
    const [copying] = await Promise.allSettled([store.backup(copy), store.close()])
    if (copying.status === 'fulfilled') await (await opened(copy, { readOnly: true })).close()
  })
})
