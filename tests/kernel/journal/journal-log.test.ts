import { describe, expect, it } from 'vitest'
import { AiosError, ramRecords, type RecordStore, type RecordWrite } from '@aios/kernel'
import { virtualClock, type VirtualClock } from '@aios/kernel/testing'
import { JournalLog, type LogHost } from '../../../packages/kernel/src/journal/journal-log.js'
import { lineWrites, type LinesOf } from '../../../packages/kernel/src/journal/line-writes.js'
import type { PendingEntry } from '../../../packages/kernel/src/journal/journal-entry.js'

const away = new AiosError('AIOS_STORE_UNAVAILABLE', 'away')
const put = (name: string): RecordWrite => ({
  op: 'put',
  space: 'it/is',
  key: Buffer.from(name),
  value: Buffer.from('1'),
})

interface Bed {
  readonly log: JournalLog
  readonly clock: VirtualClock
  readonly commits: string[][]
  /** What the store does to the next commits. */
  readonly answers: (() => Promise<void>)[]
  readonly broken: unknown[]
  /** The runs of which something could not be stored, and why. */
  readonly lost: [string[], string][]
  readonly confirmed: number[]
}

function bed(host: Partial<LogHost> = {}): Bed {
  const clock = virtualClock()
  const commits: string[][] = []
  const answers: (() => Promise<void>)[] = []
  const broken: unknown[] = []
  const lost: [string[], string][] = []
  const confirmed: number[] = []
  const records: RecordStore = Object.assign(ramRecords(), {
    batch: async (writes: readonly RecordWrite[]) => {
      commits.push(writes.map(({ key }) => Buffer.from(key).toString()))
      await answers.shift()?.()
    },
  })
  const log = new JournalLog({
    records,
    now: () => clock.now(),
    later: (ms, callback) => clock.after(ms, callback).cancel,
    retryMs: 1_000,
    bufferBytes: 100,
    fence: () => [],
    committed: () => confirmed.push(clock.now()),
    isLate: () => false,
    broken: (error) => {
      broken.push(error)
      return error as Error
    },
    lost: (runs: readonly LinesOf[], error) => lost.push([runs.map(({ id }) => id), error.code]),
    ...host,
  })
  return { log, clock, commits, answers, broken, confirmed, lost }
}

describe('an answer of the store that comes too late', () => {
  const late = (): Partial<LogHost> => ({ isLate: () => true, fence: () => [put('fence')] })

  it('is asked for once more before anybody acts on what it says', async () => {
    const { log, commits } = bed(late())
    log.write(put('intent'))
    await log.durable()
    expect(commits).toEqual([['fence', 'intent'], ['fence']])
  })

  it('lets nobody act if the runs belong to another kernel by then', async () => {
    const { log, answers, broken } = bed(late())
    const taken = new AiosError('AIOS_VERSION_CONFLICT', 'taken')
    answers.push(
      () => Promise.resolve(),
      () => Promise.reject(taken),
    )
    log.write(put('intent'))
    await expect(log.durable()).rejects.toBe(taken)
    expect(broken).toEqual([taken])
  })
})

describe('what belongs together', () => {
  it('is committed together, however much else waits', async () => {
    const { log, clock, commits } = bed()
    for (let at = 0; at < 4_999; at += 1) log.write(put(`before ${at}`))
    log.together(() => {
      log.write(put('one'))
      log.together(() => {
        log.write(put('two'))
      })
      log.write(put('three'))
    })
    log.write(put('after'))
    await clock.advance(10)
    expect(commits.map((keys) => keys.slice(-3))).toEqual([['one', 'two', 'three'], ['after']])
  })

  it('is nothing if nothing was written', async () => {
    const { log, clock, commits } = bed()
    log.together(() => undefined)
    await log.durable()
    await clock.advance(10)
    expect(commits).toEqual([])
  })
})

describe('what is appended to the log', () => {
  it('is gathered for two milliseconds, unless somebody waits for it', async () => {
    const { log, clock, commits } = bed()
    log.write(put('a'))
    log.write(put('b'))
    await clock.advance(1)
    expect(commits).toEqual([])
    await clock.advance(1)
    expect(commits).toEqual([['a', 'b']])
    log.write(put('c'))
    await log.durable()
    expect(commits).toEqual([['a', 'b'], ['c']])
    await clock.advance(10)
    expect(commits).toHaveLength(2)
  })

  it('is durable for whoever asks when nothing waits any more', async () => {
    const { log } = bed()
    await log.durable()
    let told: unknown = 'nothing'
    log.afterCommit((error) => (told = error))
    expect(told).toBeUndefined()
  })

  it('has of two writes of one record the last', async () => {
    const { log, commits } = bed()
    log.write(put('a'))
    log.write(put('b'))
    log.write(put('a'))
    await log.durable()
    expect(commits[0]).toHaveLength(2)
  })

  it('waits for the commit that is under way, and then goes at once', async () => {
    const { log, clock, commits, answers } = bed()
    let go: (() => void) | undefined
    answers.push(() => new Promise((resolve) => (go = resolve)))
    log.write(put('a'))
    const first = log.durable()
    await clock.settle()
    log.write(put('b'))
    const second = log.durable()
    const told: string[] = []
    void first.then(() => told.push('first'))
    void second.then(() => told.push('second'))
    await clock.advance(100)
    expect(commits).toEqual([['a']])
    go?.()
    await clock.settle()
    expect(commits).toEqual([['a'], ['b']])
    expect(told).toEqual(['first', 'second'])
  })
})

describe('a store that is away', () => {
  it('is asked again for the same, ever less often, until it is back', async () => {
    const { log, clock, commits, answers, confirmed } = bed()
    for (let time = 0; time < 3; time += 1) answers.push(() => Promise.reject(away))
    log.write(put('a'))
    const durable = log.durable()
    await clock.advance(49)
    log.write(put('b'))
    await clock.advance(200)
    await durable
    expect(commits.slice(0, 4)).toEqual([['a'], ['a'], ['a'], ['a']])
    await log.durable()
    expect(commits[4]).toEqual(['b'])
    expect(confirmed).toHaveLength(2)
  })

  it('breaks the log after its time: whoever waits is told, and what comes later is committed', async () => {
    const { log, clock, commits, answers, broken } = bed()
    for (let time = 0; time < 50; time += 1) answers.push(() => Promise.reject(away))
    log.write(put('a'))
    const told = log.durable().then(
      () => 'durable',
      (error: unknown) => error,
    )
    await clock.advance(3_000)
    expect(await told).toBe(away)
    expect(broken).toEqual([away])
    answers.length = 0
    log.write(put('b'))
    await log.durable()
    expect(commits.at(-1)).toEqual(['b'])
  })

  it('breaks it at once where trying again would not help', async () => {
    for (const error of [new AiosError('AIOS_VERSION_CONFLICT', 'taken'), new TypeError('odd')]) {
      const { log, broken, answers } = bed()
      answers.push(() => Promise.reject(error))
      log.write(put('a'))
      await expect(log.durable()).rejects.toBe(error)
      expect(broken).toEqual([error])
    }
  })

  it('is given up when the kernel closes; when nothing waits, nobody is told', async () => {
    const { log, clock, answers, broken, commits } = bed()
    const closed = new AiosError('AIOS_CLOSED', 'closed')
    log.close(closed)
    expect(broken).toEqual([])
    answers.push(() => Promise.reject(away))
    log.write(put('a'))
    const durable = log.durable()
    durable.catch(() => undefined)
    await clock.settle()
    log.close(closed)
    await expect(durable).rejects.toBe(closed)
    await clock.advance(5_000)
    expect(commits).toHaveLength(1)
  })
})

describe('what cannot be stored', () => {
  const runNamed = (id: string): LinesOf => ({ id, blobs: new Set() })
  const lineOf = (n: number, usage?: unknown): PendingEntry =>
    ({ kind: 'call', n, tick: 0, path: '1', at: 0, row: 'r', digest: 'd', ...EMPTY, usage }) as unknown as PendingEntry
  const EMPTY = {
    request: { codec: 'j', text: '' },
    result: { codec: 'j', text: '' },
    endedAt: 0,
    outcome: 'fulfilled',
  }
  const unwritable = { input: 1n }
  const refuse = (name: string) => (writes: readonly string[]) =>
    writes.includes(name) ? Promise.reject(new AiosError('AIOS_INVALID_OPTION', name)) : Promise.resolve()

  it('is left out with all that came after it of its run; the rest of the log goes on', async () => {
    const { log, commits, broken, lost } = bed()
    const [bad, good] = [runNamed('bad'), runNamed('good')]
    log.append(bad, lineOf(1), 10)
    log.append(good, lineOf(1), 10)
    log.append(bad, lineOf(2, unwritable), 10)
    log.append(good, lineOf(2), 10)
    log.append(bad, lineOf(3), 10)
    log.write(put('of bad'), bad)
    log.write(put('of nobody'))
    await log.durable()
    expect(commits).toHaveLength(1)
    expect(commits[0]?.map((key) => key.replaceAll('\0', ''))).toEqual([
      'bad\u0001',
      'good\u0001',
      'good\u0002',
      'of nobody',
    ])
    expect(lost).toEqual([[['bad'], 'AIOS_NOT_CLONEABLE']])
    expect(broken).toEqual([])
    expect(log.full).toBe(false)
    for (let n = 0; n < 10; n += 1) log.append(good, lineOf(3 + n), 10)
    expect(log.full).toBe(false)
  })

  it('takes along what it was to be committed together with, and the runs of that', async () => {
    const { log, commits, lost } = bed()
    const [parent, orphan, other] = [runNamed('parent'), runNamed('orphan'), runNamed('other')]
    log.together(() => {
      log.append(orphan, lineOf(1), 10)
      log.append(parent, lineOf(1, unwritable), 10)
    })
    log.append(orphan, lineOf(2), 10)
    log.write(put('other'), other)
    await log.durable()
    expect(commits).toEqual([['other']])
    expect(lost).toEqual([[['orphan', 'parent'], 'AIOS_NOT_CLONEABLE']])
  })

  it('is found by halves where only the store knows that it cannot', async () => {
    const tried: string[][] = []
    const { log, clock, broken, lost, commits } = bed()
    const [bad, good] = [runNamed('bad'), runNamed('good')]
    const records = Object.assign(ramRecords(), {
      batch: async (writes: readonly RecordWrite[]) => {
        const keys = writes.map(({ key }) => Buffer.from(key).toString())
        tried.push(keys)
        await refuse('c')(keys)
        commits.push(keys)
      },
    })
    const { log: picky } = bed({ records, lost: (runs) => lost.push([runs.map(({ id }) => id), 'refused']) })
    for (const name of ['a', 'b', 'c', 'd', 'e']) picky.write(put(name), name === 'c' || name === 'e' ? bad : good)
    await picky.durable()
    expect(tried[0]).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(commits.flat()).toEqual(['a', 'b', 'd'])
    expect(lost).toEqual([[['bad'], 'refused']])
    expect(broken).toEqual([])
    await clock.settle()
    expect(log.full).toBe(false)
  })

  it('is seen before a store is asked if its key or value is longer than any takes', async () => {
    const { log, commits, lost } = bed()
    log.write({ ...put('x'.repeat(1_025)), space: 'it/is' }, runNamed('long key'))
    log.write({ op: 'put', space: 'it/is', key: Buffer.from('large'), value: hollow(268_435_457) }, runNamed('large'))
    log.write(put('x'.repeat(1_024)), runNamed('fits'))
    await log.durable()
    expect(commits.map((keys) => keys.map((key) => key.length))).toEqual([[1_024]])
    expect(lost).toEqual([
      [['long key'], 'AIOS_QUOTA_EXCEEDED'],
      [['large'], 'AIOS_QUOTA_EXCEEDED'],
    ])
  })
})

/** Bytes that are said to be many. */
function hollow(length: number): Uint8Array {
  return Object.defineProperty(new Uint8Array(), 'length', { value: length })
}

describe('many records', () => {
  it('are not more in one commit than a store takes', async () => {
    const { log, commits } = bed()
    for (let at = 0; at < 30; at += 1)
      log.together(() => {
        for (let n = 0; n < 4_000; n += 1) log.write(put(`${at}/${n}`))
      })
    await log.durable()
    expect(commits.flat()).toHaveLength(120_000)
    expect(Math.max(...commits.map(({ length }) => length))).toBeLessThan(100_000)
  })
})

describe('a lease that is renewed', () => {
  const fence = (): readonly RecordWrite[] => [put('lease')]

  it('goes with what waits, and alone where nothing does', async () => {
    const { log, clock, commits } = bed({ fence })
    log.renew()
    await clock.settle()
    log.write(put('a'))
    log.renew()
    await log.durable()
    expect(commits).toEqual([['lease'], ['lease', 'a']])
  })

  it('is followed at once by what came meanwhile', async () => {
    const { log, clock, commits, answers } = bed({ fence })
    let go: (() => void) | undefined
    answers.push(() => new Promise((resolve) => (go = resolve)))
    log.renew()
    log.renew()
    log.write(put('a'))
    const durable = log.durable()
    await clock.advance(100)
    expect(commits).toHaveLength(1)
    go?.()
    await durable
    expect(commits).toEqual([['lease'], ['lease', 'a']])
  })
})

describe('large content of a run', () => {
  const entry = (text: string): PendingEntry => ({
    kind: 'mail',
    n: 2,
    tick: 0,
    path: '',
    at: 0,
    from: 1,
    message: { codec: 'j', text: JSON.stringify({ text }) },
  })
  const spaces = (writes: readonly RecordWrite[]): string[] => writes.map(({ space }) => space)

  it('is written once, and again only after very much else was', () => {
    const run = { id: 'r', blobs: new Set<string>() }
    const long = 'x'.repeat(5_000)
    expect(spaces(lineWrites(run, entry(long)))).toEqual(['journal/blobs', 'journal/lines'])
    expect(spaces(lineWrites(run, entry(long)))).toEqual(['journal/lines'])
    for (let n = run.blobs.size; n < 4_096; n += 1) run.blobs.add(String(n))
    lineWrites(run, entry(`${long}y`))
    expect(run.blobs.size).toBe(1)
    expect(spaces(lineWrites(run, entry(long)))).toEqual(['journal/blobs', 'journal/lines'])
  })
})
