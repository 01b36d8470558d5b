import type { RecordStore } from '@aios/kernel'
import { recordConformance } from '@aios/kernel/testing'
import { lmdbRecords, type LmdbRecordsOptions } from '@aios/storage/lmdb'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { runs } from '../setup/runs.js'

function suite(options: LmdbRecordsOptions, operations: number): ReturnType<typeof recordConformance> {
  const dirs = new Map<RecordStore, string>()
  const on = (dir: string): RecordStore => {
    const store = lmdbRecords(dir, options)
    dirs.set(store, dir)
    return store
  }
  const again = (store: RecordStore): RecordStore => on(dirs.get(store) ?? '')
  return recordConformance({
    make: async () => on(await mkdtemp(join(tmpdir(), 'aios-test-'))),
    reopen: again,
    another: again,
    discard: (store) => rm(dirs.get(store) ?? '', { recursive: true, force: true }),
    operations,
  })
}

describe('lmdbRecords keeps the contract of a record store', () => {
  for (const { name, run } of suite({}, runs(2_000, 100_000))) it(name, run)
})

describe('lmdbRecords keeps it, too, when each commit waits for the disk', () => {
  for (const { name, run } of suite({ durability: 'power' }, runs(300, 5_000))) it(name, run)
})
