import { AiosError } from '../../error/aios-error.js'
import type { RecordStore, RecordWrite } from '../../record/record-store.js'
import { bytesOf } from './record-ground.js'

/** Is what a child process is told to do. */
export interface CrashOrder {
  /** What the store is made from. */
  readonly argument: string
  /** Which start of a round it is. */
  readonly life: number
  /** Which of the processes that run at once. */
  readonly process: number
  /** Writes until it is killed, or a history of so many operations a writer. */
  readonly history: number | undefined
}

/** Is what a child says: where it is, and what was acknowledged. */
export type CrashReport =
  | { readonly type: 'opening' }
  | { readonly type: 'ready' }
  | { readonly type: 'written'; readonly seq: number }
  | { readonly type: 'counted'; readonly counter: number }
  | { readonly type: 'removed'; readonly key: string }
  | { readonly type: 'operation'; readonly operation: readonly [register: number, ...times: readonly string[]] }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly message: string }

/** Says a fact to the parent; resolves once it is on its way, so that the parent hears it whatever happens to the child then. */
export type Report = (report: CrashReport) => Promise<void>

/** Are the spaces that the writers fill. */
export const CRASH_SPACES = {
  puts: 'crash/puts',
  even: 'crash/batch-even',
  odd: 'crash/batch-odd',
  fixed: 'crash/fixed',
  counters: 'crash/counters',
  removed: 'crash/removed',
} as const

/** Writers of each kind in one process, puts that a writer has under way, and records of one batch. */
export const CRASH_WRITERS = { puts: 3, inFlight: 4, batches: 2, counters: 2, removals: 1 } as const
/** Records of a batch that are new, and those that each batch of a writer overwrites. */
export const BATCH_RECORDS = { fresh: 5, fixed: 3 } as const

/** Makes the value of a write: its number, and bytes up to a size that follow from it. */
export function crashValue(seq: number): Uint8Array {
  const name = Buffer.from(`${seq};`)
  const size = seq % 17 === 0 ? 20_000 : (seq * 37) % 900
  return Buffer.concat([name, Buffer.alloc(size, seq % 251)])
}

/** Writes with many writers at once until the process is killed. */
export async function writeUntilKilled(store: RecordStore, order: CrashOrder, report: Report): Promise<void> {
  const opener = `${order.life}.${order.process}`
  let calls = 0
  // Taken where a write is called: what is durable must be a beginning of these numbers.
  const next = (): number => {
    calls += 1
    return calls - 1
  }
  const each = (count: number, writer: (number: number) => Promise<void>): Promise<void>[] =>
    Array.from({ length: count }, (_, number) => writer(number))
  await Promise.all([
    ...each(CRASH_WRITERS.puts, (writer) => putOnAndOn(store, { opener, writer, next }, report)),
    ...each(CRASH_WRITERS.batches, (writer) => batchOnAndOn(store, { opener, writer, next }, report)),
    ...each(CRASH_WRITERS.counters, (counter) => countOnAndOn(store, counter, report)),
    ...each(CRASH_WRITERS.removals, () => removeOnAndOn(store, opener, report)),
  ])
}

interface Writer {
  readonly opener: string
  readonly writer: number
  next(): number
}

async function putOnAndOn(store: RecordStore, { opener, writer, next }: Writer, report: Report): Promise<void> {
  const underWay: Promise<void>[] = []
  for (;;) {
    const seq = next()
    const put = store.put(CRASH_SPACES.puts, bytesOf(`${opener} ${seq} ${writer}`), crashValue(seq)).then(() => {
      void report({ type: 'written', seq })
    })
    underWay.push(put)
    if (underWay.length >= CRASH_WRITERS.inFlight) await underWay.shift()
  }
}

async function batchOnAndOn(store: RecordStore, { opener, writer, next }: Writer, report: Report): Promise<void> {
  const process = opener.split('.')[1] ?? ''
  for (;;) {
    const seq = next()
    const fresh = Array.from({ length: BATCH_RECORDS.fresh }, (_, at): RecordWrite => ({
      op: 'put',
      space: at % 2 === 0 ? CRASH_SPACES.even : CRASH_SPACES.odd,
      key: bytesOf(`${opener} ${seq} ${writer} ${at}`),
      value: crashValue(seq),
    }))
    const fixed = Array.from({ length: BATCH_RECORDS.fixed }, (_, at): RecordWrite => ({
      op: 'put',
      space: CRASH_SPACES.fixed,
      key: bytesOf(`${process} ${writer} ${at}`),
      value: bytesOf(`${opener} ${seq}`),
    }))
    await store.batch([...fresh, ...fixed])
    void report({ type: 'written', seq })
  }
}

async function countOnAndOn(store: RecordStore, counter: number, report: Report): Promise<void> {
  const key = bytesOf(`${counter}`)
  for (;;) {
    const record = await store.get(CRASH_SPACES.counters, key)
    const count = Number(Buffer.from(record?.value ?? bytesOf('0')).toString('latin1'))
    try {
      await store.put(CRASH_SPACES.counters, key, bytesOf(`${count + 1}`), { ifVersion: record?.version ?? 0 })
      await report({ type: 'counted', counter })
    } catch (error) {
      if (!AiosError.is(error, 'AIOS_VERSION_CONFLICT')) throw error
    }
  }
}

async function removeOnAndOn(store: RecordStore, opener: string, report: Report): Promise<void> {
  for (let round = 0; ; round += 1) {
    const key = `${opener} ${round}`
    await store.put(CRASH_SPACES.removed, bytesOf(key), bytesOf('soon gone'))
    await store.remove(CRASH_SPACES.removed, bytesOf(key))
    void report({ type: 'removed', key })
  }
}
