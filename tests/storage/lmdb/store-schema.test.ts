import { lmdbRecords } from '@aios/storage/lmdb'
import { describe, expect, it } from 'vitest'
import { lmdbSettings } from '../../../packages/storage/src/lmdb/lmdb-options.js'
import { LmdbRecords } from '../../../packages/storage/src/lmdb/lmdb-records.js'
import { packRecord } from '../../../packages/storage/src/lmdb/record-format.js'
import type { Migration } from '../../../packages/storage/src/lmdb/store-schema.js'
import { spacePrefix } from '../../../packages/storage/src/lmdb/stored-key.js'
import { freshDirectories } from '../fresh-directory.js'
import { bytes, sumOf, textAt } from './lmdb-ground.js'

const fresh = freshDirectories()

function writing(name: string): Migration {
  return (database) => {
    const key = { prefix: spacePrefix('migrated'), key: bytes(name) }
    database.putSync(key, packRecord(key, bytes(`by ${name}`), 1), 1)
  }
}

async function made(dir: string): Promise<void> {
  const store = lmdbRecords(dir)
  await store.open()
  await store.put('a', bytes('k'), bytes('v'))
  await store.close()
}

describe('the schema of an LMDB store', () => {
  it('is brought up to date at opening, by the steps that are missing', async () => {
    const dir = await fresh()
    await made(dir)
    const second = new LmdbRecords(lmdbSettings(dir, {}), { version: 2, migrations: [writing('one')] })
    await second.open()
    await second.remove('migrated', bytes('one'))
    await second.close()
    const schema = { version: 3, migrations: [writing('one'), writing('two')] }
    const third = new LmdbRecords(lmdbSettings(dir, {}), schema)
    await third.open()
    expect(await textAt(third, 'migrated', 'one')).toBeUndefined()
    expect(await textAt(third, 'migrated', 'two')).toBe('by two')
    expect(await textAt(third, 'a', 'k')).toBe('v')
    await third.close()
  })

  it('stays as it was, with all of the store, when a step fails', async () => {
    const dir = await fresh()
    await made(dir)
    const failing: Migration = () => {
      throw new Error('no such luck')
    }
    const schema = { version: 3, migrations: [writing('one'), failing] }
    await expect(new LmdbRecords(lmdbSettings(dir, {}), schema).open()).rejects.toThrow(/no such luck/)
    const store = lmdbRecords(dir)
    await store.open()
    expect(await store.size()).toMatchObject({ records: 1 })
    await store.close()
  })

  it('of a newer release is refused, and left as it is; one that is too old is not changed by reading', async () => {
    const dir = await fresh()
    await made(dir)
    const schema = { version: 2, migrations: [writing('one')] }
    const reading = new LmdbRecords(lmdbSettings(dir, { readOnly: true }), schema)
    await expect(reading.open()).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      message: expect.stringContaining('without "readOnly"'),
    })
    const newer = new LmdbRecords(lmdbSettings(dir, {}), schema)
    await newer.open()
    await newer.close()
    const before = await sumOf(dir)
    await expect(lmdbRecords(dir).open()).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      retryable: false,
      message: expect.stringMatching(/written by a newer version .* upgrade/),
    })
    expect(await sumOf(dir)).toBe(before)
  })
})
