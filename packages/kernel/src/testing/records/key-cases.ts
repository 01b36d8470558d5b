import { RECORD_BOUNDS } from '../../record/record-store.js'
import { check } from '../conformance.js'
import {
  bytesOf,
  checkBytes,
  checkEqual,
  checkKeys,
  collect,
  hexOf,
  keyOf,
  putOf,
  type RecordCase,
} from './record-ground.js'

const named: RecordCase = {
  name: 'has an id, and says what a write survives',
  async run({ store }) {
    check(typeof store.id === 'string' && store.id !== '', 'Expected an id that is not empty.')
    check(['none', 'process', 'power'].includes(store.durability), `Expected a durability, got ${store.durability}.`)
  },
}

const anyBytes: RecordCase = {
  name: 'keeps any bytes: values of none, of all, and of 1 MB, under keys of 1 and of 1,024 bytes',
  async run({ store }) {
    const every = Uint8Array.from({ length: 256 }, (_, at) => at)
    const values = [new Uint8Array(0), every, new Uint8Array(1_048_576).map((_, at) => at * 31)]
    const keys = [Uint8Array.of(0), Uint8Array.of(255), every, new Uint8Array(RECORD_BOUNDS.keyBytes).fill(255)]
    for (const key of keys) {
      for (const value of values) {
        await store.put('a', key, value)
        const got = await store.get('a', key)
        checkBytes(got?.key, key, 'key')
        checkBytes(got?.value, value, 'value')
      }
    }
    check((await store.get('a', Uint8Array.of(1))) === undefined, 'Expected nothing under a key that was not put.')
  },
}

const ordered: RecordCase = {
  name: 'orders keys as unsigned bytes, a key before those it begins',
  async run({ store }) {
    const long = new Uint8Array(RECORD_BOUNDS.keyBytes)
    const keys = [
      [0],
      [0, 0],
      long,
      [...long.subarray(1), 1],
      [0, 1],
      [0, 255],
      [1],
      [9, 47],
      [97],
      [97, 0],
      [97, 97],
      [98],
      [127],
      [127, 255],
      [128],
      [195, 188],
      [255],
      [255, 0],
      [255, 255],
      long.map(() => 255),
    ].map((key) => Uint8Array.from(key))
    for (let at = 0; at < keys.length; at += 1)
      await store.put('a', keys[(at * 7) % keys.length] as Uint8Array, Uint8Array.of(at))
    checkKeys(await collect(store.range('a')), keys, 'range')
    checkKeys(await collect(store.range('a', { reverse: true })), keys.toReversed(), 'range with reverse')
    for (const [at, from] of keys.entries()) {
      checkKeys(await collect(store.range('a', { from })), keys.slice(at), `range from ${hexOf(from).slice(0, 20)}`)
      checkKeys(
        await collect(store.range('a', { to: from })),
        keys.slice(0, at),
        `range to ${hexOf(from).slice(0, 20)}`,
      )
    }
  },
}

const apart: RecordCase = {
  name: 'keeps spaces apart, also those whose names begin alike',
  async run({ store }) {
    const spaces = ['a', 'a-b', 'a/b', 'a/b/c', 'aa', 'ab', 'b', '0', `a/${'z'.repeat(RECORD_BOUNDS.spaceChars - 2)}`]
    const keys = [Uint8Array.of(0), bytesOf('/b'), bytesOf('b'), Uint8Array.of(255)]
    for (const space of spaces) for (const key of keys) await store.put(space, key, bytesOf(space))
    for (const space of spaces) {
      const records = await collect(store.range(space))
      checkKeys(records, keys, `space "${space}"`)
      for (const { value } of records) checkBytes(value, bytesOf(space), `a value of space "${space}"`)
      checkKeys(await collect(store.range(space, { reverse: true })), keys.toReversed(), `space "${space}"`)
    }
    for (const key of keys) await store.remove('a', key)
    checkEqual((await collect(store.range('a'))).length, 0, 'number of records of an emptied space')
    for (const space of spaces.slice(1)) checkKeys(await collect(store.range(space)), keys, `space "${space}"`)
    checkEqual((await collect(store.range('never-named'))).length, 0, 'number of records of a new space')
  },
}

const several: RecordCase = {
  name: 'returns several records in the order they are asked for, gaps and repetitions included',
  async run({ store }) {
    for (let at = 0; at < 10; at += 1) await store.put('a', keyOf(at), Uint8Array.of(at))
    const asked = [7, 99, 0, 7, 3, 98, 0]
    const got = await store.getMany('a', asked.map(keyOf))
    const values = got.map((record) => record?.value[0])
    check(
      values.join() === [7, undefined, 0, 7, 3, undefined, 0].join(),
      `Expected the records 7, none, 0, 7, 3, none, 0, got ${values.join()}.`,
    )
    for (const [at, record] of got.entries())
      if (record !== undefined) checkBytes(record.key, keyOf(asked[at] as number), 'key')
    checkEqual((await store.getMany('a', [])).length, 0, 'number of records for no keys')
    check((await store.getMany('b', [keyOf(1)]))[0] === undefined, 'Expected nothing from a space that is empty.')
  },
}

const ownCopy: RecordCase = {
  name: 'takes its own copy of keys and values before a method returns',
  async run({ store }) {
    const [key, value, other] = [bytesOf('key'), bytesOf('value'), bytesOf('other')]
    const scramble = (): void => {
      for (const each of [key, value, other]) each.fill(120)
    }
    const restore = (): void => {
      key.set(bytesOf('key'))
      value.set(bytesOf('value'))
      other.set(bytesOf('other'))
    }
    const put = store.put('a', key, value)
    scramble()
    await put
    restore()
    const writes = [putOf(other, 'unused')].map((write) => ({ ...write, value }))
    const batch = store.batch(writes)
    scramble()
    writes.pop()
    await batch
    restore()
    const keys = [key, other]
    const asked = [store.get('a', key), store.getMany('a', keys), store.get('a', other)] as const
    const range = store.range('a', { from: key, to: other })
    scramble()
    keys.pop()
    checkBytes((await asked[0])?.value, bytesOf('value'), 'value that was put')
    checkBytes((await asked[2])?.value, bytesOf('value'), 'value that was put in a batch')
    checkEqual((await asked[1]).filter((record) => record !== undefined).length, 2, 'number of records of getMany')
    checkKeys(await collect(range), [bytesOf('key')], 'a range whose bounds were overwritten')
    restore()
    const gone = store.remove('a', key)
    scramble()
    check(await gone, 'Expected remove to find the key that it was given.')
  },
}

const lasting: RecordCase = {
  name: 'does not change what it returned, whatever is written later, and also not when it closes',
  async run({ store }) {
    const value = new Uint8Array(10_000).fill(7)
    for (let at = 0; at < 20; at += 1) await store.put('a', keyOf(at), value)
    const single = await store.get('a', keyOf(0))
    const kept = [
      single,
      ...(await store.getMany('a', [keyOf(1)])),
      ...(await collect(store.range('a', { from: keyOf(2) }))),
    ]
    for (let round = 0; round < 5; round += 1)
      for (let at = 0; at < 20; at += 1) await store.put('a', keyOf(at), new Uint8Array(10_000).fill(round))
    for (let at = 0; at < 20; at += 2) await store.remove('a', keyOf(at))
    await store.compact()
    await store.close()
    for (const [at, record] of kept.entries()) {
      checkBytes(record?.key, keyOf(at), 'key of a record that was returned before')
      checkBytes(record?.value, value, 'value of a record that was returned before')
    }
  },
}

/** Are the cases of keys, values and spaces. */
export const keyCases: readonly RecordCase[] = [named, anyBytes, ordered, apart, several, ownCopy, lasting]
