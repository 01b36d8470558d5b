import { lmdbRecords } from '@aios/storage/lmdb'
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeRecords } from '@aios/kernel/driver'
import { runs } from '../../setup/runs.js'
import { freshDirectories } from '../fresh-directory.js'
import { bytes, collect, runChild, sumOf, textAt } from './lmdb-ground.js'

const fresh = freshDirectories()

interface Met {
  readonly byte: number
  readonly met: string
}

async function flips(where: string, count: number): Promise<readonly string[]> {
  const { reports, code, signal } = await runChild(new URL('flip-child.ts', import.meta.url), [
    await fresh(),
    '7',
    String(count),
    where,
  ])
  const met = reports as readonly Met[]
  const wrong = met.filter((one) => !['refused', 'correct', 'corrupt'].includes(one.met))
  expect({ wrong, code, signal, last: met.at(-1)?.byte === undefined ? 'none' : 'some' }).toEqual({
    wrong: [],
    code: 0,
    signal: null,
    last: 'some',
  })
  expect(met.length).toBe(count)
  return met.map((one) => one.met)
}

/** Makes a store of a few records and returns its directory. */
async function filled(value = 'a value that is found again'): Promise<string> {
  const dir = await fresh()
  const store = lmdbRecords(dir)
  await store.open()
  for (const key of ['one', 'two', 'three']) await store.put('notes', bytes(key), bytes(`${key}: ${value}`))
  await store.close()
  return dir
}

/** Changes bytes that stand for a text, wherever they are in the file. */
async function change(dir: string, from: string, to: string): Promise<void> {
  const path = join(dir, 'data.mdb')
  const content = await readFile(path)
  let changed = 0
  for (let at = content.indexOf(from); at !== -1; at = content.indexOf(from, at + 1))
    changed += content.write(to, at, 'latin1')
  expect(changed).toBeGreaterThan(0)
  await writeFile(path, content)
}

async function refused(dir: string, message: RegExp, readOnly = false): Promise<void> {
  const before = await sumOf(dir)
  const error: unknown = await lmdbRecords(dir, { readOnly })
    .open()
    .catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'AIOS_CORRUPT', message: expect.stringMatching(message) })
  expect(await sumOf(dir)).toBe(before)
}

describe('lmdbRecords on a damaged file', () => {
  it('never crashes nor tells what was not written, whatever bit of whatever page is turned', async () => {
    const met = await flips('all', runs(240, 5_000))
    expect(new Set(met)).toEqual(new Set(['refused', 'correct', 'corrupt']))
  }, 600_000)

  it('never takes an older or damaged beginning for the newest commit', async () => {
    const met = await flips('meta', runs(120, 3_000))
    expect(met).toContain('refused')
  }, 600_000)

  it('refuses a file whose newest commit was renumbered, instead of going back to the one before', async () => {
    const dir = await filled()
    const content = await readFile(join(dir, 'data.mdb'))
    const numbers = [152, 4_096 + 152]
    const [even, odd] = numbers.map((at) => content.readBigUInt64LE(at)) as [bigint, bigint]
    const newest = even > odd ? 0 : 1
    content.writeBigUInt64LE((newest === 0 ? even : odd) - 2n, numbers[newest])
    await writeFile(join(dir, 'data.mdb'), content)
    await refused(dir, /commit \d+ on its first pages, with pages of a later one/)
  })

  it('names space and key of a changed value, and reads and exports the rest', async () => {
    const dir = await filled()
    await change(dir, 'two: a value', 'two: a thing')
    const store = lmdbRecords(dir)
    await store.open()
    await expect(store.get('notes', bytes('two'))).rejects.toMatchObject({
      code: 'AIOS_CORRUPT',
      details: { space: 'notes', key: bytes('two') },
    })
    await expect(store.getMany('notes', [bytes('one'), bytes('two')])).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    await expect(collect(store.range('notes'))).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    expect(await textAt(store, 'notes', 'one')).toContain('found again')
    expect(await collect(store.range('notes', { to: bytes('two') }))).toHaveLength(2)
    const exported = await collect(decodeRecords(store.export()))
    expect(exported.map(({ key, value }) => [Buffer.from(key).toString(), value !== undefined])).toEqual([
      ['one', true],
      ['three', true],
      ['two', false],
    ])
    await store.put('notes', bytes('two'), bytes('anew'))
    expect(await textAt(store, 'notes', 'two')).toBe('anew')
    await store.close()
  })

  it('refuses to write where a key is damaged, and lets the rest be read without calling the record absent', async () => {
    const dir = await filled()
    await change(dir, 'notes\0three', 'notes\0thrEe')
    await refused(dir, /1 record whose key or version is damaged.*thrEe.*readOnly/)
    const store = lmdbRecords(dir, { readOnly: true })
    await store.open()
    expect(await textAt(store, 'notes', 'one')).toContain('found again')
    await expect(store.get('notes', bytes('three'))).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    const exported = await collect(decodeRecords(store.export()))
    expect(exported.filter(({ value }) => value !== undefined)).toHaveLength(2)
    await store.close()
  })

  it('refuses a file that was cut short, wherever, and leaves it as it is', async () => {
    const dir = await filled('x'.repeat(20_000))
    const { length } = await readFile(join(dir, 'data.mdb'))
    for (const size of [length - 4_096, length - 1, 40_960, 8_192, 5_000, 4_096, 100, 1, 0]) {
      await truncate(join(dir, 'data.mdb'), size)
      await refused(dir, /got (a file|page|a value|a data)/)
      await refused(dir, /got (a file|page|a value|a data)/, true)
    }
  })

  it('sees by the header alone that a file was cut short, if it is told to look at no more', async () => {
    const dir = await filled('x'.repeat(20_000))
    await truncate(join(dir, 'data.mdb'), 16_384)
    await expect(lmdbRecords(dir, { check: 'header' }).open()).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
  })
})

describe('lmdbRecords on what is not its own', () => {
  it('refuses a data.mdb of something else, and a database of somebody else', async () => {
    const garbage = await fresh()
    await writeFile(join(garbage, 'data.mdb'), Buffer.alloc(20_000, 'garbage '))
    await refused(garbage, /does not begin as one of LMDB/)
    const foreign = await fresh()
    expect((await runChild(new URL('foreign-child.ts', import.meta.url), [foreign])).code).toBe(0)
    await refused(foreign, /that this library did not write/)
    await refused(foreign, /that this library did not write/, true)
  })

  it('refuses a directory of other files, and names them', async () => {
    const dir = await fresh()
    await writeFile(join(dir, 'photo.jpg'), 'x')
    await mkdir(join(dir, 'letters'))
    const error: unknown = await lmdbRecords(dir)
      .open()
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'AIOS_CORRUPT', message: expect.stringContaining('letters, photo.jpg') })
    const strange = await fresh()
    await mkdir(join(strange, 'data.mdb'))
    await expect(lmdbRecords(strange).open()).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
  })

  it('does not take a lock file without its data for an empty store', async () => {
    const dir = await fresh()
    await writeFile(join(dir, 'lock.mdb'), '')
    await refused(dir, /no data.mdb, but lock.mdb/)
  })
})
