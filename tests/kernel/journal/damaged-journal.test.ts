import { describe, expect, it } from 'vitest'
import { AiosError, listRuns, ramRecords, readRun, type Agent } from '@aios/kernel'
import { recordFailure, type RecordStore } from '@aios/kernel/driver'
import { createTestKernel, virtualClock } from '@aios/kernel/testing'
import { lineKey } from '../../../packages/kernel/src/journal/journal-keys.js'
import { shut, testBed } from '../test-bed.js'

const key = (name: string): Uint8Array => Buffer.from(name)
const draws: Agent<number, number> = async (sys, times) => {
  for (let time = 0; time < times; time += 1) await sys.random.next()
  return times
}
/** Draws, and then hangs, so that its run stays open. */
const hangs: Agent<number, never> = async (sys, times) => {
  await draws(sys, times)
  return new Promise<never>(() => undefined)
}

async function readAll<T>(iterable: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const each of iterable) all.push(each)
  return all
}

/** Makes a store with a finished run `done`, and a run `open` that its kernel left. */
async function store(): Promise<RecordStore> {
  const records = ramRecords()
  await records.open()
  const kernel = await createTestKernel({ records, journal: true })
  await kernel.run(draws, 2, { runId: 'done', name: 'drawer' })
  kernel.run(hangs, 2, { runId: 'open', name: 'drawer' }).catch(() => undefined)
  await kernel.clock.advance(100)
  await shut(kernel)
  return records
}

async function changed(records: RecordStore, runId: string, change: (header: object) => unknown): Promise<void> {
  const found = await records.get('journal/runs', key(runId))
  const header = JSON.parse(Buffer.from(found?.value ?? []).toString()) as object
  await records.put('journal/runs', key(runId), key(JSON.stringify(change(header))))
}

describe('what is known of a run', () => {
  it.each([
    ['cut short', '{"schema":1,"run'],
    ['nothing', 'null'],
    ['of another kind', '[]'],
    ['without an id', '{"schema":1}'],
    ['in no state', '{"schema":1,"runId":"open","state":"odd","owner":"k","name":"n","pid":1}'],
    ['of nobody', '{"schema":1,"runId":"open","state":"running","name":"n","pid":1}'],
    ['without a name', '{"schema":1,"runId":"open","state":"running","owner":"k","pid":1}'],
    ['without a pid', '{"schema":1,"runId":"open","state":"running","owner":"k","name":"n","pid":0}'],
  ])('is AIOS_CORRUPT where it is %s, for whoever asks', async (_what, text) => {
    const records = await store()
    await records.put('journal/runs', key('open'), key(text))
    const kernel = await testBed({ records, journal: true })
    for (const asked of [
      kernel.run(draws, 2, { runId: 'open' }),
      kernel.readRun('open'),
      kernel.undo('open'),
      readRun(records, 'open'),
    ])
      await expect(asked).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    expect(await kernel.recover({ agents: { drawer: draws } })).toEqual({
      processes: [],
      unrecovered: [{ runId: 'open', name: '', why: 'unreadable', message: expect.any(String) as string }],
    })
    const list = async (): Promise<void> => {
      for await (const header of listRuns(records)) expect(header.runId).toBe('done')
    }
    await expect(list()).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
  })

  it('keeps nobody from the others where it is damaged', async () => {
    const records = await store()
    for (const runId of ['a', 'm', 'z']) await records.put('journal/runs', key(runId), key('{'))
    const changed = new Set(['b', 'done', 'y'])
    for (const runId of ['b', 'y']) await records.put('journal/runs', key(runId), key('other bytes'))
    // As a store does that finds other bytes than it wrote.
    const range: RecordStore['range'] = async function* (space, bounds) {
      for await (const record of records.range(space, bounds)) {
        if (changed.has(Buffer.from(record.key).toString())) throw recordFailure.corrupt({ space, key: record.key })
        yield record
      }
    }
    const found: string[] = []
    const list = async (): Promise<void> => {
      for await (const { runId } of listRuns({ ...records, range })) found.push(runId)
    }
    await expect(list()).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
    expect(found).toEqual(['open'])
    const stuck: RecordStore['range'] = (space) => {
      throw recordFailure.corrupt({ space, key: key('b') })
    }
    await expect(readAll(listRuns({ ...records, range: stuck }))).rejects.toMatchObject({
      code: 'AIOS_CORRUPT',
    })
  })

  it('is refused where a newer version wrote it, and nothing of it is changed', async () => {
    const records = await store()
    await changed(records, 'open', (header) => ({ ...header, schema: 2 }))
    const before = await records.get('journal/runs', key('open'))
    const kernel = await testBed({ records, journal: true })
    await expect(kernel.run(draws, 2, { runId: 'open' })).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      retryable: false,
      message: expect.stringContaining('got 2 in run open') as string,
    })
    const { unrecovered } = await kernel.recover({ agents: { drawer: draws } })
    expect(unrecovered).toMatchObject([{ why: 'unreadable' }])
    expect((await records.get('journal/runs', key('open')))?.version).toBe(before?.version)
  })

  it('does not keep other runs from being deleted in their time where it is damaged', async () => {
    const records = await store()
    await records.put('journal/runs', key('done'), key('{'))
    const kernel = await testBed({ records, journal: { keepRuns: 0 }, clock: virtualClock(1_000) })
    for (const runId of ['next', 'another', 'last']) {
      await kernel.run(draws, 1, { runId })
      await kernel.clock.advance(100)
    }
    expect(await records.get('journal/runs', key('done'))).toBeUndefined()
    expect(await records.get('journal/lines', lineKey('done', 1))).toBeUndefined()
    expect(await records.get('journal/runs', key('next'))).toBeUndefined()
  })

  it('keeps the lines of a run that began anew after another kernel deleted it', async () => {
    const records = await store()
    await changed(records, 'done', (header) => ({ ...header, state: 'running', endedAt: undefined }))
    const kernel = await testBed({ records, journal: { keepRuns: 0 }, clock: virtualClock(1_000) })
    await kernel.clock.advance(100)
    expect((await records.size('journal/ended')).records).toBe(0)
    expect((await readRun(records, 'done')).lines).toHaveLength(4)
  })
})

describe('a line of a run', () => {
  it('that is missing stops whoever would go on without it, and leaves the run to whoever has it', async () => {
    const records = await store()
    const second = await records.get('journal/lines', lineKey('open', 2))
    await records.remove('journal/lines', lineKey('open', 2))
    const kernel = await testBed({ records, journal: true })
    const other = await testBed({ records, journal: true })
    for (const one of [kernel, other, kernel])
      await expect(one.run(draws, 2, { runId: 'open' })).rejects.toMatchObject({
        code: 'AIOS_CORRUPT',
        message: expect.stringContaining('line 2 is missing, line 3 stands in its place') as string,
      })
    await kernel.clock.advance(100)
    expect(
      JSON.parse(Buffer.from((await records.get('journal/runs', key('open')))?.value ?? []).toString()),
    ).toMatchObject({ state: 'running', halted: 'AIOS_CORRUPT' })
    await records.put('journal/lines', lineKey('open', 2), second?.value ?? new Uint8Array())
    expect(await other.run(draws, 2, { runId: 'open' })).toBe(2)
  })

  it('that is the first is needed by whoever starts it again', async () => {
    const records = await store()
    await records.remove('journal/lines', lineKey('open', 1))
    const kernel = await testBed({ records, journal: true })
    const { unrecovered } = await kernel.recover({ agents: { drawer: draws } })
    expect(unrecovered).toMatchObject([
      { runId: 'open', why: 'unreadable', message: 'Run "open" has no beginning in the journal.' },
    ])
    await expect(kernel.run(draws, 2, { runId: 'open' })).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
  })

  it('that is the last is all that an answer needs', async () => {
    const records = await store()
    const kernel = await testBed({ records, journal: true })
    await records.put('journal/lines', lineKey('done', 2), key('damaged'))
    expect(await kernel.run(draws, 2, { runId: 'done' })).toBe(2)
    await records.remove('journal/lines', lineKey('done', 4))
    await expect(kernel.run(draws, 2, { runId: 'done' })).rejects.toMatchObject({
      code: 'AIOS_CORRUPT',
      message: expect.stringContaining('the line that says how is not there') as string,
    })
    for (const n of [1, 2, 3]) await records.remove('journal/lines', lineKey('done', n))
    await expect(kernel.run(draws, 2, { runId: 'done' })).rejects.toMatchObject({ code: 'AIOS_CORRUPT' })
  })

  it.each([
    ['has no header', 'call', /it has no header/],
    ['is no JSON', '{\n', /Line 2 of a journal cannot be read/],
    ['is of an unknown kind', '["oath",1,"",0]\n', /unknown kind, oath/],
    ['ends before its value', '["kill",1,"1",0,["e",50]]\nshort', /a value ends after the line/],
    [
      'refers to content that is gone',
      '["kill",1,"1",0,["E","nowhere"]]\n',
      /refers to content that is not there: nowhere/,
    ],
  ])('that %s is AIOS_CORRUPT', async (_what, text, message) => {
    const records = await store()
    await records.put('journal/lines', lineKey('done', 2), key(text))
    await expect(readRun(records, 'done')).rejects.toMatchObject({
      code: 'AIOS_CORRUPT',
      message: expect.stringMatching(message) as string,
    })
  })
})

describe('a store that fails while runs are looked through', () => {
  it('rejects recover, so that nobody takes it for done', async () => {
    const records = await store()
    const kernel = await testBed({
      journal: true,
      records: new Proxy(records, {
        get(target, name: keyof RecordStore) {
          const member: unknown = target[name]
          if (typeof member !== 'function') return member
          return (...given: unknown[]): unknown => {
            if (name === 'get' && given[0] === 'journal/runs')
              return Promise.reject(new AiosError('AIOS_STORE_UNAVAILABLE', 'away'))
            return (member.bind(target) as (...all: unknown[]) => unknown)(...given)
          }
        },
      }),
    })
    await expect(kernel.recover({ agents: {} })).rejects.toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
    await expect(kernel.run(draws, 2, { runId: 'open' })).rejects.toMatchObject({ code: 'AIOS_STORE_UNAVAILABLE' })
  })
})

describe('recover', () => {
  it('takes agents by name, and nothing else', async () => {
    const records = await store()
    const kernel = await testBed({ records, journal: true })
    for (const given of [{}, { agents: 5 }, { agents: { drawer: 'draws' } }, { agents: {}, force: true }])
      await expect(kernel.recover(given as never)).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    expect((await kernel.recover({ agents: {} })).unrecovered).toMatchObject([
      { runId: 'open', why: 'no-agent', message: 'Expected an agent named "drawer" among (none).' },
    ])
    expect((await kernel.recover({ agents: Object.create({ drawer: draws }) as never })).unrecovered).toHaveLength(1)
    const { processes } = await kernel.recover({ agents: { drawer: draws } })
    expect(await kernel.recover({ agents: { drawer: draws } })).toEqual({ processes: [], unrecovered: [] })
    expect(await processes[0]?.result).toBe(2)
  })

  it('is of no use in a kernel without a journal, and says so', async () => {
    const kernel = await testBed()
    await expect(kernel.recover({ agents: {} })).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
    await expect(kernel.readRun('r')).rejects.toMatchObject({ code: 'AIOS_INVALID_OPTION' })
  })
})
