import { CHANGE_FEED_FACTS } from '../../limits.js'
import type { RecordChange, RecordStore } from '../../record/record-store.js'
import { check, checkRejects } from '../conformance.js'
import { bytesOf, checkEqual, collect, hexOf, keyOf, putOf, type RecordCase } from './record-ground.js'

function textOf(change: RecordChange): string {
  if (change.type === 'lost') return `lost ${change.count}`
  const version = change.type === 'put' ? ` ${change.version}` : ''
  return `${change.type} ${change.space} ${hexOf(change.key)}${version}`
}

async function take(feed: AsyncIterable<RecordChange>, count: number): Promise<RecordChange[]> {
  const changes: RecordChange[] = []
  for await (const change of feed) if (changes.push(change) === count) break
  return changes
}

function checkChanges(got: readonly RecordChange[], wanted: readonly RecordChange[]): void {
  const [have, want] = [got.map(textOf).join(', '), wanted.map(textOf).join(', ')]
  check(have === want, `Expected the changes ${want}, got ${have}.`)
}

/** Writes one record, and returns the fact that a feed has to hold of it. */
async function put(store: RecordStore, space: string, at: number): Promise<RecordChange> {
  const key = keyOf(at)
  return { type: 'put', space, key, version: await store.put(space, key, bytesOf('x')) }
}

const everyChange: RecordCase = {
  name: 'tells each committed write from the call of watch on, in order, and nothing that was not committed',
  async run({ store }) {
    await put(store, 'a', 1)
    const feed = store.watch()
    const wanted: RecordChange[] = [await put(store, 'a', 2), await put(store, 'b', 2)]
    await store.remove('a', keyOf(1))
    wanted.push({ type: 'remove', space: 'a', key: keyOf(1) })
    await store.remove('a', keyOf(1))
    await checkRejects(store.put('a', keyOf(2), bytesOf('no'), { ifVersion: 0 }), 'AIOS_VERSION_CONFLICT')
    await checkRejects(store.batch([putOf(keyOf(5), 'no'), putOf(keyOf(2), 'no', 0)]), 'AIOS_VERSION_CONFLICT')
    await store.batch([putOf(keyOf(4), 'x'), { op: 'remove', space: 'b', key: keyOf(2) }, putOf(keyOf(3), 'x')])
    for (const at of [4, 3]) {
      const version = (await store.get('a', keyOf(at)))?.version ?? 0
      wanted.push({ type: 'put', space: 'a', key: keyOf(at), version })
      if (at === 4) wanted.push({ type: 'remove', space: 'b', key: keyOf(2) })
    }
    wanted.push(await put(store, 'a', 2))
    checkChanges(await take(feed, wanted.length), wanted)
  },
}

const oneSpace: RecordCase = {
  name: 'tells only of the space that is watched, to each reader by itself',
  async run({ store }) {
    const feeds = [store.watch({ space: 'a/b' }), store.watch({ space: 'a' }), store.watch({})]
    const [one, two, three] = [await put(store, 'a', 1), await put(store, 'a/b', 1), await put(store, 'a', 2)]
    const wanted = [[two], [one, three], [one, two, three]]
    for (const [at, feed] of feeds.entries())
      checkChanges(await take(feed, wanted[at]?.length ?? 0), wanted[at] as RecordChange[])
  },
}

const waits: RecordCase = {
  name: 'lets a reader wait for the next change, also when it asks for several at once',
  async run({ store }) {
    const feed = store.watch()[Symbol.asyncIterator]()
    const next = [feed.next(), feed.next(), feed.next()]
    const wanted = [await put(store, 'a', 1), await put(store, 'a', 2), await put(store, 'a', 3)]
    const got = await Promise.all(next)
    checkChanges(
      got.map(({ value }) => value as RecordChange),
      wanted,
    )
    const last = feed.next()
    await feed.return?.()
    check((await last).done === true, 'Expected a reader that waits to end when the feed is given back.')
  },
}

const ended: RecordCase = {
  name: 'ends by its signal, also one that is aborted already, after what it has buffered',
  async run({ store }) {
    const controller = new AbortController()
    const feed = store.watch({ signal: controller.signal })
    const witness = store.watch()[Symbol.asyncIterator]()
    const wanted = await put(store, 'a', 1)
    // A fact may come a moment after its write was acknowledged; once one reader has it, all have.
    await witness.next()
    await witness.return?.()
    controller.abort()
    await put(store, 'a', 2)
    checkChanges(await collect(feed), [wanted])
    checkChanges(await collect(store.watch({ signal: controller.signal })), [])
    const later = new AbortController()
    const waiting = store.watch({ signal: later.signal })[Symbol.asyncIterator]().next()
    later.abort()
    check((await waiting).done === true, 'Expected a reader that waits to end with its signal.')
  },
}

const closed: RecordCase = {
  name: 'ends every feed when the store closes, after what it has buffered',
  async run({ store }) {
    const feed = store.watch()
    const idle = store.watch({ space: 'b' })[Symbol.asyncIterator]().next()
    const wanted = await put(store, 'a', 1)
    await store.close()
    checkChanges(await collect(feed), [wanted])
    check((await idle).done === true, 'Expected a reader that waits to end with the store.')
  },
}

const lost: RecordCase = {
  name: 'loses the oldest changes of a reader that falls behind, and says how many',
  async run({ store }) {
    const [extra, quick] = [500, store.watch({ space: 'quick' })]
    const feed = store.watch({ space: 'a' })
    const total = CHANGE_FEED_FACTS + extra
    const write = { op: 'put' as const, space: 'a', value: bytesOf('x') }
    for (let from = 0; from < total; from += 1_000)
      await store.batch(
        Array.from({ length: Math.min(1_000, total - from) }, (_, at) => ({ ...write, key: keyOf(from + at) })),
      )
    const wanted = await put(store, 'quick', 1)
    const controller = feed[Symbol.asyncIterator]()
    let [missing, seen, next] = [0, 0, 0]
    while (missing + seen < total) {
      const { value } = (await controller.next()) as IteratorYieldResult<RecordChange>
      if (value.type === 'lost') {
        missing += value.count
        next += value.count
        continue
      }
      check(hexOf(value.key) === hexOf(keyOf(next)), `Expected the change of key ${next}, got ${textOf(value)}.`)
      seen += 1
      next += 1
    }
    await controller.return?.()
    check(missing > 0, `Expected a feed that keeps at most ${CHANGE_FEED_FACTS} changes, got one that kept ${seen}.`)
    checkEqual(missing + seen, total, 'number of changes, read or lost')
    checkChanges(await take(quick, 1), [wanted])
  },
}

/** Are the cases of `watch`. */
export const watchCases: readonly RecordCase[] = [everyChange, oneSpace, waits, ended, closed, lost]
