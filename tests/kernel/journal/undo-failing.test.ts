import { describe, expect, it } from 'vitest'
import { AiosError, defineSyscall, ramRecords, readRun, type Agent, type RecordStore } from '@aios/kernel'
import { defineTool, tools } from '@aios/tools'
import { z } from 'zod'
import { testBed } from '../test-bed.js'

const seat = z.object({ seat: z.string() })

/** Makes a row whose compensation does what a test says. */
function rows(undo: (seat: string) => unknown, freed: string[]): ReturnType<typeof defineSyscall>[] {
  const book = defineSyscall({
    name: 'trip.book',
    lane: 'trip',
    request: seat,
    execute: ({ seat: name }) => ({ name }),
    compensate: async ({ seat: name }) => {
      await undo(name)
      freed.push(name)
    },
  })
  const look = defineSyscall({ name: 'trip.look', request: z.object({}), effect: 'repeatable', execute: () => 1 })
  const fail = defineSyscall({
    name: 'trip.fail',
    request: z.object({}),
    execute: () => {
      throw new Error('no')
    },
    compensate: () => undefined,
  })
  return [book, look, fail] as never
}

const books: Agent<readonly string[], string> = async (sys, seats) => {
  for (const name of seats) await sys.call('trip.book', { seat: name })
  await sys.call('trip.look', {})
  await sys.call('trip.fail', {}).catch(() => undefined)
  return 'booked'
}

describe('an undo that fails half-way', () => {
  it.each([
    ['a text', 'strike', 'AIOS_DRIVER_FAILED', 'strike'],
    ['an error', new Error('closed'), 'AIOS_DRIVER_FAILED', 'closed'],
    ['an error of its own', new AiosError('AIOS_LLM_OVERLOADED', 'busy'), 'AIOS_LLM_OVERLOADED', 'busy'],
  ])('tells what was undone and what remains when a compensation throws %s', async (...[, thrown, code, said]) => {
    const freed: string[] = []
    let fails = true
    const undo = (name: string): void => {
      if (name === '2' && fails) throw thrown
    }
    const kernel = await testBed({ journal: true, syscalls: rows(undo, freed) })
    await kernel.run(books, ['1', '2', '3'], { runId: 'r' })
    const error: unknown = await kernel.undo('r').catch((caught: unknown) => caught)
    expect(error).toMatchObject({
      code,
      retryable: code === 'AIOS_LLM_OVERLOADED',
      message: expect.stringContaining(said) as string,
      details: {
        failed: { id: 'r/2', name: 'trip.book' },
        undone: [{ id: 'r/3' }],
        remaining: [{ id: 'r/2' }, { id: 'r/1' }],
      },
    })
    fails = false
    expect((await kernel.undo('r')).undone.map(({ id }) => id)).toEqual(['r/2', 'r/1'])
    expect(freed).toEqual(['3', '2', '1'])
  })

  it('calls a compensation again whose mark the store did not take, under the same key', async () => {
    const inner = ramRecords()
    let isAway = false
    const records: RecordStore = new Proxy(inner, {
      get(target, name: keyof RecordStore) {
        const member: unknown = target[name]
        if (typeof member !== 'function') return member
        return (...given: unknown[]): unknown =>
          isAway && name === 'put' && given[0] === 'journal/undone'
            ? Promise.reject(new AiosError('AIOS_STORE_UNAVAILABLE', 'away'))
            : (member.bind(target) as (...all: unknown[]) => unknown)(...given)
      },
    })
    const freed: string[] = []
    const kernel = await testBed({ journal: true, records, syscalls: rows(() => undefined, freed) })
    await kernel.run(books, ['1', '2'], { runId: 'r' })
    isAway = true
    await expect(kernel.undo('r')).rejects.toMatchObject({
      code: 'AIOS_STORE_UNAVAILABLE',
      details: { undone: [], remaining: [{ id: 'r/2' }, { id: 'r/1' }] },
    })
    isAway = false
    expect((await kernel.undo('r')).undone).toHaveLength(2)
    expect(freed).toEqual(['2', '2', '1'])
  })

  it('lets the next undo begin, and one of a kernel that closed reject', async () => {
    const freed: string[] = []
    const kernel = await testBed({ journal: true, syscalls: rows(() => undefined, freed) })
    await kernel.run(books, ['1'], { runId: 'r' })
    const [failed, done] = await Promise.allSettled([kernel.undo('nothing'), kernel.undo('r')])
    expect([failed.status, done.status]).toEqual(['rejected', 'fulfilled'])
    const closing = kernel.close()
    await expect(kernel.undo('r')).rejects.toMatchObject({ code: 'AIOS_CLOSED' })
    await kernel.clock.runAll()
    await closing
  })
})

describe('one call that is asked for by its id', () => {
  it('is told of though there is nothing to undo', async () => {
    const kernel = await testBed({ journal: true, syscalls: rows(() => undefined, []) })
    await kernel.run(books, ['1'], { runId: 'r' })
    expect(await kernel.undo('r/2')).toEqual({
      undone: [],
      skipped: [{ id: 'r/2', name: 'trip.look', why: 'no-compensation' }],
    })
    expect((await kernel.undo('r/3')).skipped).toEqual([{ id: 'r/3', name: 'trip.fail', why: 'not-fulfilled' }])
    expect((await kernel.undo('r')).skipped).toEqual([])
  })

  it('is of unknown outcome while it is on its device', async () => {
    const send = defineTool({
      name: 'send',
      description: 'Never comes back.',
      input: z.object({}),
      execute: () => new Promise<never>(() => undefined),
    })
    const records = ramRecords()
    const kernel = await testBed({ records, journal: true, tools: tools([send]) })
    const process = kernel.spawn((sys) => sys.tool.call({ name: 'send', input: {} }), 1, { runId: 'r' })
    process.result.catch(() => undefined)
    await kernel.clock.advance(100)
    expect((await readRun(records, 'r')).lines.at(-1)).toMatchObject({ kind: 'open', intent: true })
    expect((await kernel.undo('r/1')).skipped).toEqual([{ id: 'r/1', name: 'tool.call', why: 'outcome-unknown' }])
    process.suspend()
    expect((await kernel.undo('r')).skipped).toEqual([{ id: 'r/1', name: 'tool.call', why: 'outcome-unknown' }])
  })

  it('is known by the pid of the process that ended, also of a child, for its name and namespace', async () => {
    const freed: string[] = []
    const kernel = await testBed({ journal: true, syscalls: rows(() => undefined, freed) })
    let child = 0
    const process = kernel.spawn(async (sys) => {
      ;({ pid: child } = await sys.agent.spawn({ agent: books, input: ['c'], name: 'child' }))
      return sys.agent.wait({ pid: child })
    }, 1)
    await process.result
    expect((await kernel.undo(child)).undone.map(({ id }) => id)).toEqual([`${process.runId}/1.1`])
    const again = await kernel.undo(process.pid)
    expect(again.undone).toEqual([])
    expect(again.skipped).toContainEqual({ id: `${process.runId}/1.1`, name: 'trip.book', why: 'already-undone' })
    expect(freed).toEqual(['c'])
  })
})
