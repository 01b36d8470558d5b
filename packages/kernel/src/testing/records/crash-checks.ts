import type { RecordStore } from '../../record/record-store.js'
import { check } from '../conformance.js'
import type { CrashChild } from './crash-child.js'
import { BATCH_RECORDS, CRASH_SPACES, CRASH_WRITERS, crashValue } from './crash-workload.js'

/** Is what one opener left: by number of write, how many records of it are there, and whose batch it was. */
interface Left {
  readonly records: Map<number, number>
  /** Number of the last batch of each writer. */
  readonly lastBatch: Map<string, number>
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

/** Reads all that was written, and throws where a value is not what was put under its key. */
async function leftIn(store: RecordStore): Promise<Map<string, Left>> {
  const openers = new Map<string, Left>()
  for (const space of [CRASH_SPACES.puts, CRASH_SPACES.even, CRASH_SPACES.odd]) {
    for await (const { key, value } of store.range(space)) {
      const [opener = '', seq = '', writer = '', part] = textOf(key).split(' ')
      check(
        Buffer.compare(value, crashValue(Number(seq))) === 0,
        `Expected the value that was put under ${textOf(key)}, got another.`,
      )
      const left = openers.get(opener) ?? { records: new Map<number, number>(), lastBatch: new Map<string, number>() }
      openers.set(opener, left)
      const records = part === undefined ? BATCH_RECORDS.fresh : (left.records.get(Number(seq)) ?? 0) + 1
      left.records.set(Number(seq), records)
      if (part !== undefined) left.lastBatch.set(writer, Math.max(left.lastBatch.get(writer) ?? 0, Number(seq)))
    }
  }
  return openers
}

/** Throws unless a store that was opened after kills holds what it must, and nothing in part. */
export async function checkAfterKills(store: RecordStore, children: readonly CrashChild[]): Promise<void> {
  const openers = await leftIn(store)
  for (const child of children) checkOpener(child, openers.get(openerOf(child)))
  await checkFixed(store, children, openers)
  await checkCounters(store, children)
  for (const { removed } of children) {
    const found = await store.getMany(
      CRASH_SPACES.removed,
      removed.map((key) => Buffer.from(key)),
    )
    const back = found.find((record) => record !== undefined)
    check(back === undefined, `Expected record ${textOf(back?.key ?? Buffer.of())} to stay removed, got it back.`)
  }
}

function openerOf({ order }: CrashChild): string {
  return `${order.life}.${order.process}`
}

function checkOpener(child: CrashChild, left: Left | undefined): void {
  const opener = openerOf(child)
  const records = left?.records ?? new Map<number, number>()
  for (const seq of child.written)
    check(records.has(seq), `Expected write ${seq} of opener ${opener}, which was acknowledged, got it lost.`)
  for (const [seq, count] of records)
    check(
      count === BATCH_RECORDS.fresh,
      `Expected ${BATCH_RECORDS.fresh} records of batch ${seq} of opener ${opener}, got ${count}: it is torn.`,
    )
  for (let seq = 0; seq < records.size; seq += 1)
    check(
      records.has(seq),
      `Expected a beginning of what opener ${opener} asked for, got ${records.size} writes without number ${seq}.`,
    )
}

/** Compares the records that each batch of a writer overwrites with its last batch. */
async function checkFixed(
  store: RecordStore,
  children: readonly CrashChild[],
  openers: ReadonlyMap<string, Left>,
): Promise<void> {
  for (const process of new Set(children.map(({ order }) => order.process))) {
    const lives = children.filter(({ order }) => order.process === process).map(openerOf)
    for (let writer = 0; writer < CRASH_WRITERS.batches; writer += 1) {
      const last = lives.findLast((opener) => openers.get(opener)?.lastBatch.has(`${writer}`))
      const wanted = last === undefined ? 'none' : `${last} ${openers.get(last)?.lastBatch.get(`${writer}`)}`
      const keys = Array.from({ length: BATCH_RECORDS.fixed }, (_, at) => Buffer.from(`${process} ${writer} ${at}`))
      for (const record of await store.getMany(CRASH_SPACES.fixed, keys)) {
        const got = record === undefined ? 'none' : textOf(record.value)
        check(got === wanted, `Expected all records of batch ${wanted}, got one of ${got}: it is torn.`)
      }
    }
  }
}

async function checkCounters(store: RecordStore, children: readonly CrashChild[]): Promise<void> {
  for (let counter = 0; counter < CRASH_WRITERS.counters; counter += 1) {
    const record = await store.get(CRASH_SPACES.counters, Buffer.from(`${counter}`))
    const count = record === undefined ? 0 : Number(textOf(record.value))
    const acknowledged = children.reduce((sum, { counted }) => sum + (counted.get(counter) ?? 0), 0)
    // Each process had at most one increment under way when it was killed.
    const most = acknowledged + children.length
    check(
      count >= acknowledged && count <= most,
      `Expected counter ${counter} to be from ${acknowledged} to ${most}, got ${count}.`,
    )
  }
}
