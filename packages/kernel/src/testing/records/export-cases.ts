import { ramRecords } from '../../record/ram-records.js'
import type { RecordStore } from '../../record/record-store.js'
import { check, checkRejects } from '../conformance.js'
import { bytesOf, checkBytes, checkEqual, collect, contentOf, keyOf, putOf, type RecordCase } from './record-ground.js'

const SPACES = ['a', 'a/b', 'b-2'] as const

async function fill(store: RecordStore, count = 60): Promise<void> {
  await store.batch(
    SPACES.flatMap((space) =>
      Array.from({ length: count }, (_, at) => ({
        op: 'put' as const,
        space,
        key: at % 7 === 0 ? Uint8Array.of(0, 255, at % 256, at >> 8) : keyOf(at),
        value: new Uint8Array((at * at) % 300).fill(at),
      })),
    ),
  )
  await store.put('a', bytesOf('large'), new Uint8Array(200_000).fill(9))
}

async function exported(store: RecordStore): Promise<Buffer> {
  return Buffer.concat(await collect(store.export()))
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

async function onRam<T>(run: (ram: RecordStore) => Promise<T>): Promise<T> {
  const ram = ramRecords()
  await ram.open()
  try {
    return await run(ram)
  } finally {
    await ram.close()
  }
}

const roundTrip: RecordCase = {
  name: 'puts into another store all that it exported, however the bytes are cut',
  async run({ store, fresh }) {
    await fill(store)
    const wanted = await contentOf(store, ...SPACES)
    const bytes = await exported(store)
    for (const size of [7, 4_096, bytes.byteLength]) {
      const other = await fresh()
      checkEqual(await other.import(cut(bytes, size)), 181, 'number of records that were put')
      check((await contentOf(other, ...SPACES)) === wanted, 'Expected the same records from an import.')
      checkEqual((await other.size()).bytes, (await store.size()).bytes, 'number of bytes')
    }
    const direct = await fresh()
    await direct.import(store.export())
    check((await contentOf(direct, ...SPACES)) === wanted, 'Expected the same records straight from an export.')
    checkEqual(await direct.import(await collect((await fresh()).export())), 0, 'number of records of an empty store')
  },
}

const acrossDrivers: RecordCase = {
  name: 'takes what another driver exported, and the other way round',
  async run({ store }) {
    await fill(store)
    const wanted = await contentOf(store, ...SPACES)
    await onRam(async (ram) => {
      await ram.import(store.export())
      check((await contentOf(ram, ...SPACES)) === wanted, 'Expected a store in RAM to take the export.')
      await ram.put('a', keyOf(1), bytesOf('changed'))
      await store.import(ram.export())
    })
    checkBytes((await store.get('a', keyOf(1)))?.value, bytesOf('changed'), 'value from the store in RAM')
  },
}

const oneMoment: RecordCase = {
  name: 'exports the state of one moment, while it is written to',
  async run({ store }) {
    await fill(store, 3_000)
    const wanted = await contentOf(store, ...SPACES)
    const chunks: Uint8Array[] = []
    for await (const chunk of store.export()) {
      chunks.push(chunk)
      const at = chunks.length
      await store.batch([putOf(keyOf(at), 'too late'), putOf(bytesOf(`new ${at}`), 'too late')])
      await store.remove('b-2', keyOf(2_999 - at))
      await store.put('a/b', keyOf(2_900), bytesOf(`${at}`))
    }
    check(chunks.length > 3, `Expected chunks of a bounded size, got ${chunks.length} chunks of 200 kB.`)
    await onRam(async (ram) => {
      await ram.import(chunks)
      check((await contentOf(ram, ...SPACES)) === wanted, 'Expected an export to hold nothing that was written later.')
    })
  },
}

const over: RecordCase = {
  name: 'imports over what is there, under versions of its own, and tells its feeds',
  async run({ store, fresh }) {
    const source = await fresh()
    await source.batch([putOf(keyOf(1), 'new'), putOf(keyOf(2), 'new')])
    const old = await store.put('a', keyOf(1), bytesOf('old'))
    await store.put('a', keyOf(3), bytesOf('stays'))
    const feed = store.watch()[Symbol.asyncIterator]()
    checkEqual(await store.import(source.export()), 2, 'number of records that were put')
    const values = await store.getMany('a', [keyOf(1), keyOf(2), keyOf(3)])
    for (const [at, text] of ['new', 'new', 'stays'].entries()) checkBytes(values[at]?.value, bytesOf(text), 'value')
    check(values[0]?.version !== old, 'Expected a new version for what was imported.')
    await checkRejects(store.put('a', keyOf(1), bytesOf('no'), { ifVersion: old }), 'AIOS_VERSION_CONFLICT')
    for (let seen = 0; seen < 2; seen += 1) {
      const change = (await feed.next()).value as { readonly type: string } | undefined
      check(change?.type === 'put', 'Expected a feed to tell of what was imported.')
    }
    await feed.return?.()
  },
}

const damaged: RecordCase = {
  name: 'refuses bytes that are no whole export: cut short, flipped, foreign, of another format, or with more behind',
  async run({ store, fresh }) {
    await fill(store, 8)
    const bytes = await exported(store)
    const other = await fresh()
    const refuse = async (chunks: Iterable<Uint8Array>): Promise<void> => {
      await checkRejects(other.import(chunks), 'AIOS_CORRUPT')
    }
    const step = Math.max(1, Math.floor(bytes.byteLength / 60))
    for (let at = 0; at < bytes.byteLength; at += at < 200 ? 3 : step) {
      await refuse([bytes.subarray(0, at)])
      const flipped = Buffer.from(bytes)
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8))
      await refuse(cut(flipped, 50_000))
    }
    await refuse([])
    await refuse([bytesOf('{"records":[]}')])
    await refuse([new Uint8Array(100_000)])
    await refuse([bytes, Uint8Array.of(0)])
    await refuse([bytes, bytes])
    await store.import([bytes])
  },
}

const sizes: RecordCase = {
  name: 'counts the records and bytes of a space and of the whole store',
  async run({ store }) {
    const expectSize = async (space: string | undefined, records: number, bytes: number): Promise<void> => {
      const size = await store.size(space)
      checkEqual(size.records, records, `records of ${space ?? 'all'}`)
      checkEqual(size.bytes, bytes, `bytes of ${space ?? 'all'}`)
    }
    await expectSize(undefined, 0, 0)
    await store.put('a', bytesOf('12'), bytesOf('345'))
    await store.batch([putOf(bytesOf('3'), ''), { op: 'put', space: 'a/b', key: bytesOf('1'), value: bytesOf('2') }])
    await expectSize('a', 2, 6)
    await expectSize('a/b', 1, 2)
    await expectSize(undefined, 3, 8)
    await store.put('a', bytesOf('12'), bytesOf('3'))
    await store.remove('a/b', bytesOf('1'))
    await store.remove('a/b', bytesOf('1'))
    await expectSize('a', 2, 4)
    await expectSize('a/b', 0, 0)
    await expectSize('b', 0, 0)
    await expectSize(undefined, 2, 4)
  },
}

const compacted: RecordCase = {
  name: 'keeps every record and version when it gives room back, also while it is written to',
  async run({ store }) {
    await fill(store, 500)
    for (let at = 0; at < 500; at += 2) await store.remove('a', keyOf(at))
    const version = (await store.get('a', keyOf(1)))?.version ?? 0
    const compacting = store.compact()
    const meanwhile = store.put('b-2', bytesOf('meanwhile'), bytesOf('x'))
    await Promise.all([compacting, meanwhile])
    const wanted = await contentOf(store, ...SPACES)
    await store.compact()
    check((await contentOf(store, ...SPACES)) === wanted, 'Expected compact to change no record.')
    await store.put('a', keyOf(1), bytesOf('x'), { ifVersion: version })
    checkBytes((await store.get('b-2', bytesOf('meanwhile')))?.value, bytesOf('x'), 'value that was put meanwhile')
  },
}

/** Are the cases of `export`, `import`, `size` and `compact`. */
export const exportCases: readonly RecordCase[] = [roundTrip, acrossDrivers, oneMoment, over, damaged, sizes, compacted]
