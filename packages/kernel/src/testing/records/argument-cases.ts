import { RECORD_BOUNDS, type RecordRange, type RecordStore, type RecordWrite } from '../../record/record-store.js'
import { checkEqual, checkBytes, bytesOf, firstOf, keyOf, putOf, type RecordCase } from './record-ground.js'
import { check, checkRejects } from '../conformance.js'

const INVALID = 'AIOS_INVALID_OPTION'
const KEY = bytesOf('key')
const SPACES: readonly unknown[] = [
  '',
  '/',
  'a/',
  '/a',
  'a//b',
  'A',
  'a b',
  'a_b',
  'a.b',
  'ä',
  'a\n',
  'z'.repeat(65),
  7,
  undefined,
]
const KEYS: readonly unknown[] = [
  new Uint8Array(0),
  new Uint8Array(RECORD_BOUNDS.keyBytes + 1),
  'key',
  [1],
  undefined,
  null,
]
const VALUES: readonly unknown[] = ['value', undefined, null, [1], new ArrayBuffer(3), {}]
const VERSIONS: readonly unknown[] = [-1, 1.5, '1', Number.NaN, 2 ** 53, null]

/** Expects a method to refuse an argument by rejecting, in words that say what was expected and what came. */
async function refuse(ask: () => PromiseLike<unknown>): Promise<void> {
  let asked: PromiseLike<unknown>
  try {
    asked = ask()
  } catch (error) {
    throw new Error('Expected a method to reject, not to throw.', { cause: error })
  }
  const { message } = await checkRejects(asked, INVALID)
  check(
    /^Expected .+, got .+/s.test(message),
    `Expected a message that says what was expected and what came, got: ${message}`,
  )
}

const spaces: RecordCase = {
  name: 'refuses names of spaces that are none, in every method',
  async run({ store }) {
    for (const bad of SPACES as readonly string[]) {
      await refuse(() => store.get(bad, KEY))
      await refuse(() => store.getMany(bad, [KEY]))
      await refuse(() => firstOf(store.range(bad)))
      await refuse(() => store.put(bad, KEY, KEY))
      await refuse(() => store.remove(bad, KEY))
      await refuse(() => store.batch([{ op: 'remove', space: bad, key: KEY }]))
      if (bad === undefined) continue
      await refuse(() => firstOf(store.watch({ space: bad })))
      await refuse(() => store.size(bad))
    }
  },
}

const keys: RecordCase = {
  name: 'refuses keys of 0 and of 1,025 bytes and what is no key, in every method',
  async run({ store }) {
    for (const bad of KEYS as readonly Uint8Array[]) {
      await refuse(() => store.get('a', bad))
      await refuse(() => store.getMany('a', [KEY, bad]))
      await refuse(() => store.put('a', bad, KEY))
      await refuse(() => store.remove('a', bad))
      await refuse(() => store.batch([putOf(bad, 'x')]))
      if (bad === undefined) continue
      await refuse(() => firstOf(store.range('a', { from: bad })))
      await refuse(() => firstOf(store.range('a', { to: bad })))
    }
    await refuse(() => store.getMany('a', 'keys' as never))
  },
}

const values: RecordCase = {
  name: 'refuses values that are no bytes, and conditions that are none',
  async run({ store }) {
    for (const bad of VALUES as readonly Uint8Array[]) {
      await refuse(() => store.put('a', KEY, bad))
      await refuse(() => store.batch([{ op: 'put', space: 'a', key: KEY, value: bad }]))
    }
    for (const ifVersion of VERSIONS as readonly number[]) {
      await refuse(() => store.put('a', KEY, KEY, { ifVersion }))
      await refuse(() => store.remove('a', KEY, { ifVersion }))
      await refuse(() => store.batch([putOf(KEY, 'x', ifVersion)]))
    }
    checkEqual((await store.size()).records, 0, 'number of records after refused writes')
  },
}

const unknownKeys: RecordCase = {
  name: 'refuses unknown keys of options, limits below 1, and what is no options object',
  async run({ store }) {
    const misspelt = { ifversion: 1 } as object
    await refuse(() => store.put('a', KEY, KEY, misspelt))
    await refuse(() => store.remove('a', KEY, misspelt))
    await refuse(() => store.batch([{ ...putOf(KEY, 'x'), ...misspelt }]))
    await refuse(() => firstOf(store.watch({ spaces: 'a' } as object)))
    await refuse(() => firstOf(store.watch({ signal: 'now' } as never)))
    const ranges: readonly unknown[] = [{ start: KEY }, { limit: 0 }, { limit: 1.5 }, { reverse: 1 }, 5, null]
    for (const range of ranges) await refuse(() => firstOf(store.range('a', range as RecordRange)))
    await refuse(() => store.put('a', KEY, KEY, 3 as never))
  },
}

const batches: RecordCase = {
  name: 'refuses batches that are too large, name a record twice, or hold what is no write, and writes nothing of them',
  async run({ store }) {
    const bad: readonly unknown[] = [
      undefined,
      {},
      [undefined],
      [{ op: 'get', space: 'a', key: KEY }],
      [{ op: 'remove', space: 'a', key: KEY, value: KEY }],
      [putOf(keyOf(1), 'x'), putOf(keyOf(1), 'y')],
      [putOf(keyOf(1), 'x'), putOf(keyOf(2), 'x'), { op: 'remove', space: 'a', key: keyOf(1) }],
      Array.from({ length: RECORD_BOUNDS.batchWrites + 1 }, () => putOf(KEY, 'x')),
    ]
    for (const writes of bad) await refuse(() => store.batch(writes as readonly RecordWrite[]))
    checkEqual((await store.size()).records, 0, 'number of records after refused batches')
    await store.batch([putOf(KEY, 'x'), { op: 'put', space: 'b', key: KEY, value: KEY }])
  },
}

const imports: RecordCase = {
  name: 'refuses to import what is no iterable of bytes',
  async run({ store }) {
    for (const bad of [undefined, null, 7, {}] as readonly unknown[])
      await refuse(() => store.import(bad as Uint8Array[]))
    await refuse(() => store.import(['AIOSREC'] as never))
  },
}

async function checkClosed(store: RecordStore): Promise<void> {
  const asked: readonly (() => PromiseLike<unknown>)[] = [
    () => store.get('a', KEY),
    () => store.getMany('a', [KEY]),
    () => firstOf(store.range('a')),
    () => store.put('a', KEY, KEY),
    () => store.remove('a', KEY),
    () => store.batch([putOf(KEY, 'x')]),
    () => firstOf(store.watch()),
    () => store.size(),
    () => store.compact(),
    () => firstOf(store.export()),
    () => store.import([]),
  ]
  for (const ask of asked) await checkRejects(ask(), 'AIOS_CLOSED')
}

const closed: RecordCase = {
  name: 'refuses every method but open and close while it is not open',
  async run({ store }) {
    await store.close()
    await checkClosed(store)
    await store.open()
    await store.put('a', KEY, KEY)
    const closing = store.close()
    await checkClosed(store)
    await closing
    await store.open()
    const atOnce = store.close()
    await checkClosed(store)
    await atOnce
  },
}

const counted: RecordCase = {
  name: 'closes with the last close of those that opened it; one too many does nothing',
  async run({ store }) {
    await Promise.all([store.open(), store.open()])
    await store.close()
    await store.close()
    await store.put('a', KEY, KEY)
    await store.close()
    await checkClosed(store)
    await Promise.all([store.close(), store.close()])
    await Promise.all([store.open(), store.close(), store.open()])
    await store.put('a', KEY, KEY)
    await store.close()
    await checkClosed(store)
  },
}

const interrupted: RecordCase = {
  name: 'ends iterations that are under way when it closes, and lets the next opening be a new one',
  async run({ store }) {
    await store.batch(Array.from({ length: 3_000 }, (_, at) => putOf(keyOf(at), 'x'.repeat(100))))
    const begun = [store.range('a'), store.export()].map((iteration) => iteration[Symbol.asyncIterator]())
    for (const iteration of begun) check((await iteration.next()).done === false, 'Expected an iteration that begins.')
    await store.close()
    for (const iteration of begun) await checkRejects(drained(iteration), 'AIOS_CLOSED')
    await checkRejects(firstOf(store.range('a')), 'AIOS_CLOSED')
  },
}

async function drained(iteration: AsyncIterator<unknown>): Promise<void> {
  while ((await iteration.next()).done !== true);
}

const kept: RecordCase = {
  name: 'keeps records, versions and what was asked for before close until it is opened again',
  needs: 'reopen',
  async run({ store, reopen }) {
    const version = await store.put('a', keyOf(1), bytesOf('1'))
    await store.put('a', keyOf(2), bytesOf('2'))
    const removed = (await store.get('a', keyOf(2)))?.version ?? 0
    await store.remove('a', keyOf(2))
    const asked = Array.from({ length: 50 }, (_, at) => store.put('a/b', keyOf(at), bytesOf(`late ${at}`)))
    asked.push(store.batch(Array.from({ length: 500 }, (_, at) => putOf(keyOf(10 + at), 'late'))) as Promise<never>)
    const [again] = await Promise.all([reopen(store), ...asked])
    checkEqual((await again.get('a', keyOf(1)))?.version ?? 0, version, 'version after it was opened again')
    checkEqual((await again.size('a')).records, 501, 'number of records after it was opened again')
    checkBytes((await again.get('a/b', keyOf(49)))?.value, bytesOf('late 49'), 'value of the last put before close')
    const next = await again.put('a', keyOf(2), bytesOf('2'), { ifVersion: 0 })
    check(next !== removed, 'Expected a version that was not used before it was closed.')
    const once = await reopen(again)
    await once.put('a', keyOf(1), bytesOf('one'), { ifVersion: version })
    checkBytes((await once.get('a', keyOf(2)))?.value, bytesOf('2'), 'value after it was opened again')
  },
}

/** Are the cases of arguments. */
export const argumentCases: readonly RecordCase[] = [spaces, keys, values, unknownKeys, batches, imports]

/** Are the cases of opening and closing. */
export const openCases: readonly RecordCase[] = [closed, counted, interrupted, kept]
