import type { RecordStore } from '@aios/kernel'
import { recordConformance, recordCrashes } from '@aios/kernel/testing'
import { lmdbRecords, type LmdbRecordsOptions } from '@aios/storage/lmdb'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { runs } from '../setup/runs.js'
import { NODE_ARGUMENTS } from '../setup/node-arguments.js'

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
  for (const { name, run } of suite({ durability: 'power' }, runs(300, 5_000))) it(name, run, 60_000)
})

function crashes(openers: 1 | 2, kills: number): ReturnType<typeof recordCrashes> {
  return recordCrashes({
    module: new URL('../storage/lmdb/crash-store.ts', import.meta.url),
    argument: () => mkdtemp(join(tmpdir(), 'aios-test-')),
    discard: (dir) => rm(dir, { recursive: true, force: true }),
    kills: Number(process.env['AIOS_KILLS'] ?? kills),
    openers,
    operations: runs(200, 2_000),
    execArgv: [...NODE_ARGUMENTS],
  })
}

describe('lmdbRecords loses nothing when its processes are killed', () => {
  for (const { name, run } of crashes(1, runs(20, 500))) it(name, run, 3_600_000)
})

describe('lmdbRecords loses nothing when two processes share a directory', () => {
  for (const { name, run } of crashes(2, runs(6, 500)).slice(1)) it(name, run, 3_600_000)
})
