import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NoteKeeper } from '../../../packages/memory/src/keeping/note-keeper.js'

async function keeper(maxNotes = 1_000): Promise<NoteKeeper> {
  const notes = new NoteKeeper(fakeDriverServices(virtualClock()), { id: 'it', limits: undefined, maxNotes })
  await notes.open()
  return notes
}

async function add(notes: NoteKeeper, namespace = 'one', content = 'text'): Promise<string> {
  return (await notes.change({ verb: 'add', request: { namespace, content }, key: undefined })).id
}

async function remove(notes: NoteKeeper, id: string, namespace = 'one'): Promise<void> {
  await notes.change({ verb: 'remove', request: { namespace, id }, key: undefined })
}

async function update(notes: NoteKeeper, request: { namespace: string; id: string; content: string }): Promise<void> {
  await notes.change({ verb: 'update', request, key: undefined })
}

const bad = { metadata: { bad: Number.NaN } }

interface Owned {
  readonly id: string
  readonly namespace: string
  readonly content: string
}

const namespace = fc.constantFrom('one', 'two', '__proto__')
const content = fc
  .array(fc.constantFrom('red', 'green', 'blue', 'reds'), { minLength: 1, maxLength: 4 })
  .map((words) => words.join(' '))
const step = fc.oneof(
  fc.record({ type: fc.constant('add' as const), namespace, content }),
  fc.record({ type: fc.constant('update' as const), namespace, at: fc.nat(9), content }),
  fc.record({ type: fc.constant('remove' as const), namespace, at: fc.nat(9) }),
)

/** Tells what a call returned or which code it threw. */
async function outcome(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
    return 'done'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('NoteKeeper', () => {
  it('counts ids up in base 36 over all namespaces, in the order of the calls', async () => {
    const notes = await keeper()
    const ids = await Promise.all(Array.from({ length: 37 }, (_, at) => add(notes, at % 2 === 0 ? 'one' : 'two')))
    expect([ids[0], ids[9], ids[35], ids[36]]).toEqual(['n1', 'na', 'n10', 'n11'])
  })

  it('never gives an id twice', async () => {
    const notes = await keeper()
    await remove(notes, await add(notes))
    expect(await add(notes)).toBe('n2')
  })

  it('refuses a note above its bound, keeps what it has, and takes one again after a removal', async () => {
    const notes = await keeper(2)
    const refused = expect.objectContaining({
      code: 'AIOS_QUOTA_EXCEEDED',
      message: expect.stringContaining('at most 2 notes'),
      details: { maxNotes: 2 },
    })
    const results = await Promise.allSettled([add(notes), add(notes, 'two'), add(notes, 'three')])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    await expect(add(notes, 'three')).rejects.toEqual(refused)
    await remove(notes, 'n1')
    expect(await add(notes, 'three')).toBe('n3')
  })

  it('does not count a note that it refused, nor harm those that come with it', async () => {
    const notes = await keeper(1)
    const refused = notes.change({ verb: 'add', request: { namespace: 'one', content: 'x', ...bad }, key: undefined })
    const [first, second] = await Promise.allSettled([refused, add(notes)])
    expect([first.status, second]).toEqual(['rejected', { status: 'fulfilled', value: 'n1' }])
  })

  it('leaves a note and the index as they were when an update is refused', async () => {
    const notes = await keeper()
    const id = await add(notes, 'one', 'volcano')
    const request = { namespace: 'one', id, content: 'glacier', ...bad }
    await expect(notes.change({ verb: 'update', request, key: undefined })).rejects.toThrow('metadata')
    expect((await notes.get({ namespace: 'one', id })).content).toBe('volcano')
    expect(notes.retrieve({ namespace: 'one', query: 'volcano' })).toHaveLength(1)
    expect(notes.retrieve({ namespace: 'one', query: 'glacier' })).toEqual([])
  })

  it('says which id it looked for where, and never how long it really was', async () => {
    const notes = await keeper()
    expect(() => notes.get({ namespace: 'one', id: 'n'.repeat(1_000) })).toThrow(
      expect.objectContaining({
        code: 'AIOS_NOT_FOUND',
        message: expect.stringMatching(/namespace "one", got "n{80}"/),
      }),
    )
  })

  it.each(['n01', 'N1', 'n1 ', 'n1.0', 'n-1', 'nzzzzzzzzzzzzzzzzzzzz', '1'])('does not take %s for n1', async (id) => {
    const notes = await keeper()
    await add(notes)
    expect(() => notes.get({ namespace: 'one', id })).toThrow(expect.objectContaining({ code: 'AIOS_NOT_FOUND' }))
    await expect(remove(notes, id)).rejects.toMatchObject({ code: 'AIOS_NOT_FOUND' })
  })

  it('holds after any history what a plain list holds, and shows each namespace only its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const notes = await keeper(20)
        let model: Owned[] = []
        const ids: string[] = []
        for (const each of steps) {
          if (each.type === 'add') {
            const isFull = model.length === 20
            expect(await outcome(async () => ids.push(await add(notes, each.namespace, each.content)))).toBe(
              isFull ? 'AIOS_QUOTA_EXCEEDED' : 'done',
            )
            if (!isFull) model.push({ id: ids.at(-1)!, namespace: each.namespace, content: each.content })
            continue
          }
          const id = ids[each.at] ?? 'n0'
          const target = model.find((note) => note.id === id && note.namespace === each.namespace)
          const run = () =>
            each.type === 'update' ? update(notes, { ...each, id }) : remove(notes, id, each.namespace)
          expect(await outcome(run)).toBe(target === undefined ? 'AIOS_NOT_FOUND' : 'done')
          if (target === undefined) continue
          const rest = model.filter((note) => note !== target)
          model = each.type === 'update' ? [...rest, { ...target, content: each.content }] : rest
        }
        for (const owner of ['one', 'two', '__proto__']) {
          const hits = notes.retrieve({ namespace: owner, query: 'red', limit: 1_000 })
          const expected = model.filter((note) => note.namespace === owner && note.content.includes('red'))
          expect(hits.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort())
          expect(hits.every((hit) => hit.namespace === owner)).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('scores a note the same whatever other namespaces hold', async () => {
    const [alone, crowded] = [await keeper(), await keeper()]
    await add(alone, 'one', 'red green')
    await add(crowded, 'one', 'red green')
    for (let at = 0; at < 20; at += 1) await add(crowded, 'two', 'red red red')
    const scoreIn = (notes: NoteKeeper) => notes.retrieve({ namespace: 'one', query: 'red' })[0]?.score
    expect(scoreIn(crowded)).toBe(scoreIn(alone))
  })
})
