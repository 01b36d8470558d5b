import type { RecordStore } from '@aios/kernel'
import { lmdbRecords } from '@aios/storage/lmdb'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bareLmdb, type BareLmdb } from '../ground/bare-lmdb.js'
import { loopDelay } from '../measure/loop-delay.js'
import { aim, atLeast, digits, type Check, type Section } from '../measure/report.js'
import { summarise } from '../measure/summary.js'
import type { Mode } from './mode.js'

const VALUE = Buffer.alloc(256, 7)
const WRITERS = 16
const BATCH = 1_000
const KEYS = 2_000
const TARGETS = { puts: 15_000, batched: 150_000, gets: 250_000, swaps: 15_000 } as const
const RATIO = 0.7
const key = (name: string, at: number): Buffer => Buffer.from(`${name}-${at}`)

/** Makes about `count` calls of one kind. */
type Work = (count: number) => Promise<void>
type Side = Readonly<Record<keyof typeof TARGETS, Work>>

async function writers(count: number, each: (writer: number, calls: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => each(writer, count / WRITERS)))
}

function ours(store: RecordStore): Side {
  return {
    puts: (count) =>
      writers(count, async (writer, calls) => {
        for (let at = 0; at < calls; at += 1) await store.put('bench', key(`w${writer}`, at), VALUE)
      }),
    async batched(count) {
      for (let from = 0; from < count; from += BATCH) {
        const writes = Array.from({ length: BATCH }, (_, at) => key('b', from + at))
        await store.batch(writes.map((name) => ({ op: 'put' as const, space: 'bench', key: name, value: VALUE })))
      }
    },
    async gets(count) {
      for (let at = 0; at < count; at += 1) await store.get('bench', key('b', at % KEYS))
    },
    swaps: (count) =>
      writers(count, async (writer, calls) => {
        let version = (await store.get('bench', key('c', writer)))?.version ?? 0
        for (let at = 0; at < calls; at += 1)
          version = await store.put('bench', key('c', writer), VALUE, { ifVersion: version })
      }),
  }
}

function bare(database: BareLmdb): Side {
  let last = 0
  const version = (): number => (last += 1)
  return {
    puts: (count) =>
      writers(count, async (writer, calls) => {
        for (let at = 0; at < calls; at += 1) await database.put(key(`w${writer}`, at), VALUE, version())
      }),
    async batched(count) {
      for (let from = 0; from < count; from += BATCH)
        await database.batch(() => {
          for (let at = 0; at < BATCH; at += 1) void database.put(key('b', from + at), VALUE, version())
        })
    },
    // The library reads at once; what is awaited here is what a store with its contract has to await.
    async gets(count) {
      for (let at = 0; at < count; at += 1) await Promise.resolve(database.getEntry(key('b', at % KEYS)))
    },
    swaps: (count) =>
      writers(count, async (writer, calls) => {
        let held = database.getEntry(key('c', writer))?.version ?? null
        for (let at = 0; at < calls; at += 1) {
          const next = version()
          if (await database.put(key('c', writer), VALUE, next, held)) held = next
        }
      }),
  }
}

async function rate(work: Work, count: number): Promise<number> {
  const from = performance.now()
  await work(count)
  return (count / (performance.now() - from)) * 1_000
}

async function compare(
  sides: readonly [Side, Side],
  kind: keyof Side,
  [count, rounds]: readonly [number, number],
): Promise<{ rate: number; ratio: number }> {
  const [own, plain] = sides
  await own[kind](count)
  await plain[kind](count)
  const rates: number[] = []
  const ratios: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const isFirst = round % 2 === 0
    const first = await rate(isFirst ? own[kind] : plain[kind], count)
    const second = await rate(isFirst ? plain[kind] : own[kind], count)
    rates.push(isFirst ? first : second)
    ratios.push(isFirst ? first / second : second / first)
  }
  return { rate: summarise(rates).median, ratio: summarise(ratios).median }
}

const NAMES = {
  puts: `awaited puts of ${WRITERS} writers`,
  batched: `puts in batches of ${BATCH}`,
  gets: 'gets, one after the other',
  swaps: `compare-and-swap puts of ${WRITERS} writers`,
} as const

/** Measures a record store on LMDB against the library beneath it, each in its own directory, in turns. */
export async function records(mode: Mode): Promise<readonly Section[]> {
  const dir = await mkdtemp(join(tmpdir(), 'aios-bench-'))
  const store = lmdbRecords(join(dir, 'ours'))
  await store.open()
  const database = bareLmdb(join(dir, 'bare'))
  const sides = [ours(store), bare(database)] as const
  const [scale, rounds] = mode === 'full' ? [1, 15] : [0.25, 5]
  const lines: string[] = []
  const checks: Check[] = []
  for (const kind of ['puts', 'batched', 'gets', 'swaps'] as const) {
    const count = scale * (kind === 'batched' || kind === 'gets' ? 40_000 : 16_000)
    const found = await compare(sides, kind, [count, rounds])
    lines.push(`${NAMES[kind]}: ${digits(found.rate)} a second, ${digits(found.ratio)} of bare lmdb`)
    checks.push(atLeast(`${NAMES[kind]}, against bare lmdb`, found.ratio, [RATIO, 'x']))
    checks.push(aim(NAMES[kind], found.rate, [TARGETS[kind], '/s']))
  }
  const delay = await loopDelay(() => sides[0].puts(scale * 32_000))
  lines.push(`event loop while ${WRITERS} writers put: p99 ${digits(delay.wallP99)} ms`)
  await store.close()
  await database.close()
  await rm(dir, { recursive: true, force: true })
  return [{ title: 'A record store on LMDB: 256 bytes a value, durable to the kill of the process', lines, checks }]
}
