import type { RecordStore, RecordWrite } from '../../record/record-store.js'
import { AiosError } from '../../error/aios-error.js'
import { check, checkRejects } from '../conformance.js'
import { bytesOf, checkBytes, checkEqual, collect, contentOf, keyOf, putOf, type RecordCase } from './record-ground.js'

const KEY = bytesOf('key')
const CONFLICT = 'AIOS_VERSION_CONFLICT'

const versions: RecordCase = {
  name: 'gives each state of a record a version of its own, also after it was removed',
  async run({ store }) {
    const seen = new Set<number>()
    for (let round = 0; round < 20; round += 1) {
      const version = await store.put('a', KEY, bytesOf('the same'))
      check(
        Number.isSafeInteger(version) && version > 0,
        `Expected a positive safe integer as version, got ${version}.`,
      )
      check(!seen.has(version), `Expected a version that was not used before, got ${version} again.`)
      seen.add(version)
      checkEqual((await store.get('a', KEY))?.version ?? 0, version, 'version from get')
      checkEqual((await store.getMany('a', [KEY]))[0]?.version ?? 0, version, 'version from getMany')
      checkEqual((await collect(store.range('a')))[0]?.version ?? 0, version, 'version from range')
      if (round % 3 === 0) await store.remove('a', KEY)
    }
    await store.batch([putOf(KEY, 'the same')])
    check(!seen.has((await store.get('a', KEY))?.version ?? 0), 'Expected a new version from a batch.')
  },
}

const conditionalPut: RecordCase = {
  name: 'puts a record only in the state that the condition names, 0 meaning that there is none',
  async run({ store }) {
    await checkRejects(store.put('a', KEY, bytesOf('no'), { ifVersion: 1 }), CONFLICT)
    const first = await store.put('a', KEY, bytesOf('first'), { ifVersion: 0 })
    await checkRejects(store.put('a', KEY, bytesOf('no'), { ifVersion: 0 }), CONFLICT)
    const second = await store.put('a', KEY, bytesOf('second'), { ifVersion: first })
    await checkRejects(store.put('a', KEY, bytesOf('no'), { ifVersion: first }), CONFLICT)
    checkBytes((await store.get('a', KEY))?.value, bytesOf('second'), 'value after refused puts')
    checkEqual((await store.get('a', KEY))?.version ?? 0, second, 'version after refused puts')
    // What was removed and put again is another state, even if it looks the same.
    await store.remove('a', KEY)
    await store.put('a', KEY, bytesOf('second'))
    await checkRejects(store.put('a', KEY, bytesOf('no'), { ifVersion: second }), CONFLICT)
    await store.put('a', KEY, bytesOf('third'), { ifVersion: undefined })
  },
}

const removal: RecordCase = {
  name: 'removes a record, says whether it was there, and only in the state that the condition names',
  async run({ store }) {
    check(!(await store.remove('a', KEY)), 'Expected remove to say that there was nothing.')
    check(!(await store.remove('a', KEY, { ifVersion: 0 })), 'Expected remove to find nothing, as it was to.')
    await checkRejects(store.remove('a', KEY, { ifVersion: 5 }), CONFLICT)
    const old = await store.put('a', KEY, bytesOf('old'))
    const version = await store.put('a', KEY, bytesOf('new'))
    await checkRejects(store.remove('a', KEY, { ifVersion: 0 }), CONFLICT)
    await checkRejects(store.remove('a', KEY, { ifVersion: old }), CONFLICT)
    checkBytes((await store.get('a', KEY))?.value, bytesOf('new'), 'value after refused removals')
    check(await store.remove('a', KEY, { ifVersion: version }), 'Expected remove to find the record.')
    check((await store.get('a', KEY)) === undefined, 'Expected nothing where a record was removed.')
    check(!(await store.remove('a', KEY)), 'Expected a second removal to say that there was nothing.')
  },
}

const batches: RecordCase = {
  name: 'commits all writes of a batch whose conditions hold, over several spaces, and none of an empty one',
  async run({ store }) {
    const version = await store.put('a', keyOf(1), bytesOf('1'))
    await store.put('a', keyOf(2), bytesOf('2'))
    await store.batch([
      { op: 'put', space: 'a', key: keyOf(1), value: bytesOf('one'), ifVersion: version },
      { op: 'remove', space: 'a', key: keyOf(2) },
      { op: 'put', space: 'b', key: keyOf(1), value: bytesOf('same key, other space'), ifVersion: 0 },
      { op: 'remove', space: 'b', key: keyOf(9), ifVersion: 0 },
      { op: 'put', space: 'a', key: keyOf(3), value: bytesOf(''), ifVersion: undefined },
    ])
    const wanted = [
      ['a', 1, 'one'],
      ['a', 2, undefined],
      ['a', 3, ''],
      ['b', 1, 'same key, other space'],
      ['b', 9, undefined],
    ] as const
    for (const [space, key, text] of wanted)
      checkBytes(
        (await store.get(space, keyOf(key)))?.value,
        text === undefined ? text : bytesOf(text),
        `${space} ${key}`,
      )
    const before = await contentOf(store, 'a', 'b')
    await store.batch([])
    check((await contentOf(store, 'a', 'b')) === before, 'Expected an empty batch to change nothing.')
  },
}

const allOrNothing: RecordCase = {
  name: 'writes nothing of a batch with a condition that does not hold, wherever in the batch it stands',
  async run({ store }) {
    const stale = await store.put('a', keyOf(1), bytesOf('1'))
    await store.put('a', keyOf(1), bytesOf('1'))
    const before = await contentOf(store, 'a', 'b')
    const good = (at: number): RecordWrite => ({ op: 'put', space: 'b', key: keyOf(at), value: bytesOf('torn') })
    const bad: readonly RecordWrite[] = [
      { op: 'put', space: 'a', key: keyOf(1), value: bytesOf('no'), ifVersion: stale },
      { op: 'put', space: 'a', key: keyOf(1), value: bytesOf('no'), ifVersion: 0 },
      { op: 'remove', space: 'a', key: keyOf(1), ifVersion: stale },
      { op: 'remove', space: 'a', key: keyOf(7), ifVersion: stale },
    ]
    for (const write of bad) {
      for (const at of [0, 1, 50]) {
        const batch: RecordWrite[] = [
          ...Array.from({ length: 50 }, (_, index) => good(index)),
          { op: 'remove', space: 'a', key: keyOf(2) },
        ]
        batch.splice(at, 0, write)
        await checkRejects(store.batch(batch), CONFLICT)
      }
    }
    check((await contentOf(store, 'a', 'b')) === before, 'Expected a refused batch to write nothing.')
  },
}

const manyAtOnce: RecordCase = {
  name: 'commits 10,000 writes in one batch',
  async run({ store }) {
    const count = 10_000
    await store.batch(Array.from({ length: count }, (_, at) => putOf(keyOf(at), `value ${at}`)))
    checkEqual((await store.size('a')).records, count, 'number of records')
    checkBytes((await store.get('a', keyOf(count - 1)))?.value, bytesOf(`value ${count - 1}`), 'last value')
    await store.batch(
      Array.from({ length: count }, (_, at) => ({ op: 'remove' as const, space: 'a', key: keyOf(count - 1 - at) })),
    )
    checkEqual((await store.size('a')).records, 0, 'number of records after their removal')
  },
}

const inOrder: RecordCase = {
  name: 'commits writes in the order of the calls, whatever they are, and those that fail between them write nothing',
  async run({ store }) {
    const asked: Promise<unknown>[] = []
    for (let at = 0; at < 300; at += 1) {
      const value = bytesOf(`${at}`)
      asked.push(store.put('a', KEY, value))
      if (at % 5 === 0) asked.push(store.remove('a', KEY))
      if (at % 5 === 0) asked.push(store.put('a', KEY, bytesOf(`${at}`), { ifVersion: 0 }))
      if (at % 5 === 1) asked.push(checkRejects(store.put('a', KEY, bytesOf('no'), { ifVersion: 0 }), CONFLICT))
      if (at % 5 === 2) asked.push(store.batch([putOf(KEY, `${at}`), putOf(keyOf(at), `${at}`)]))
    }
    await Promise.all(asked)
    checkBytes((await store.get('a', KEY))?.value, bytesOf('299'), 'value of the last write')
  },
}

/** Adds one to a counter, reading it again whenever another writer was quicker. */
export async function increment(store: RecordStore, key: Uint8Array): Promise<void> {
  for (;;) {
    const record = await store.get('counters', key)
    const count = Number(Buffer.from(record?.value ?? bytesOf('0')).toString('latin1'))
    try {
      await store.put('counters', key, bytesOf(`${count + 1}`), { ifVersion: record?.version ?? 0 })
      return
    } catch (error) {
      if (!AiosError.is(error, CONFLICT)) throw error
    }
  }
}

async function checkIncrements(stores: readonly RecordStore[]): Promise<void> {
  const [writers, rounds] = [16, 12]
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let round = 0; round < rounds; round += 1)
        await increment(stores[writer % stores.length] as RecordStore, KEY)
    }),
  )
  for (const store of stores)
    checkBytes((await store.get('counters', KEY))?.value, bytesOf(`${writers * rounds}`), 'sum of all increments')
}

const increments: RecordCase = {
  name: 'loses no increment of 16 writers that count with conditions',
  run: ({ store }) => checkIncrements([store]),
}

const twoOpeners: RecordCase = {
  name: 'shows every opener what another one wrote, and holds conditions among all of them',
  needs: 'another',
  async run({ store, another }) {
    const other = await another(store)
    for (let round = 0; round < 20; round += 1) {
      const [writer, reader] = round % 2 === 0 ? [store, other] : [other, store]
      const version = await writer.put('a', KEY, bytesOf(`${round}`))
      const record = await reader.get('a', KEY)
      checkBytes(record?.value, bytesOf(`${round}`), 'value that another opener wrote')
      checkEqual(record?.version ?? 0, version, 'version that another opener wrote')
      await reader.batch([putOf(KEY, 'taken', version)])
      await checkRejects(writer.put('a', KEY, bytesOf('no'), { ifVersion: version }), CONFLICT)
    }
    await checkIncrements([store, other])
    await other.close()
    await store.put('a', KEY, bytesOf('still open'))
  },
}

/** Are the cases of writes and their conditions. */
export const writeCases: readonly RecordCase[] = [
  versions,
  conditionalPut,
  removal,
  batches,
  allOrNothing,
  manyAtOnce,
  inOrder,
  increments,
  twoOpeners,
]
