// Turns one bit of a store at a time, opens it, and reports what it met: `wrong` is what must never be.
import type { RecordStore } from '@aios/kernel'
import { lmdbRecords } from '@aios/storage/lmdb'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '../../sampling/seeded-random.js'
import { bytes, collect } from './lmdb-ground.js'

const [base = '', seed = '1', count = '100', where = 'all'] = process.argv.slice(2)
const PAGE = 4_096
const random = seededRandom(Number(seed))
const below = (bound: number): number => Math.floor(random() * bound)
const nameOf = (space: string, key: Uint8Array): string => `${space} ${Buffer.from(key).toString()}`

/** Writes a store of many pages, with freed ones and large values, and returns what it holds. */
async function prepare(dir: string): Promise<Map<string, string>> {
  const store = lmdbRecords(dir)
  await store.open()
  for (let round = 0; round < 4; round += 1) {
    const writes = Array.from({ length: 600 }, (_, at) => {
      const text = `${round} ${'x'.repeat(at % 40 === 0 ? 9_000 : 50 + (at % 300))}`
      return {
        op: 'put' as const,
        space: at % 2 === 0 ? 'a' : 'b',
        key: bytes(`key ${(at * 7_919) % 600}`),
        value: bytes(text),
      }
    })
    await store.batch(writes)
  }
  const held = new Map<string, string>()
  for (const space of ['a', 'b']) {
    for (const [at, { key, value }] of (await collect(store.range(space))).entries()) {
      if (at % 5 === 0) await store.remove(space, key)
      else held.set(nameOf(space, key), Buffer.from(value).toString())
    }
  }
  await store.close()
  return held
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

/** Reads everything; returns how many records were refused as corrupt, or what was wrong. */
async function readAll(store: RecordStore, held: ReadonlyMap<string, string>): Promise<number | string> {
  let corrupt = 0
  for (const [name, text] of held) {
    const [space = '', ...key] = name.split(' ')
    try {
      const record = await store.get(space, bytes(key.join(' ')))
      if (record === undefined || Buffer.from(record.value).toString() !== text) return `wrong value of ${name}`
    } catch (error) {
      if (codeOf(error) !== 'AIOS_CORRUPT') return `${name}: ${codeOf(error)}`
      corrupt += 1
    }
  }
  return corrupt
}

async function meet(dir: string, held: ReadonlyMap<string, string>): Promise<string> {
  const store = lmdbRecords(dir)
  try {
    await store.open()
  } catch (error) {
    return codeOf(error) === 'AIOS_CORRUPT' ? 'refused' : `wrong error ${String(error)}`
  }
  const first = await readAll(store, held)
  if (typeof first === 'string') return first
  // Pages that are free by mistake would be written over now.
  await store.batch(
    Array.from({ length: 200 }, (_, at) => ({
      op: 'put' as const,
      space: 'c',
      key: bytes(`n${at}`),
      value: bytes('y'.repeat(at * 3)),
    })),
  )
  const second = await readAll(store, held)
  await store.close()
  if (second !== first) return `wrong after writing: ${second} instead of ${first}`
  return first === 0 ? 'correct' : 'corrupt'
}

async function main(): Promise<void> {
  const held = await prepare(join(base, 'whole'))
  const whole = readFileSync(join(base, 'whole', 'data.mdb'))
  const dir = join(base, 'flipped')
  const pages = where === 'meta' ? 2 : whole.length / PAGE
  for (let at = 0; at < Number(count); at += 1) {
    rmSync(dir, { recursive: true, force: true })
    mkdirSync(dir)
    const inPage = where === 'meta' ? 24 + below(144) : below(at % 3 === 0 ? 200 : PAGE)
    const byte = (at % pages) * PAGE + inPage
    const flipped = Buffer.from(whole)
    flipped.writeUInt8(flipped.readUInt8(byte) ^ (1 << below(8)), byte)
    writeFileSync(join(dir, 'data.mdb'), flipped)
    const met = await meet(dir, held)
    process.send?.({ byte, met })
    if (met === 'refused' && !readFileSync(join(dir, 'data.mdb')).equals(flipped))
      process.send?.({ byte, met: 'wrong: it was changed' })
  }
}

await main()
process.disconnect()
