import { virtualClock } from '@aios/kernel/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NoteStore } from '../../../packages/memory/src/note/note-store.js'

const store = (maxNotes = 1_000): NoteStore => new NoteStore(virtualClock(), maxNotes)
const add = (notes: NoteStore, namespace = 'one', content = 'text'): string => notes.add({ namespace, content }).id

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
function outcome(run: () => unknown): string {
  try {
    run()
    return 'done'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('NoteStore', () => {
  it('counts ids up in base 36 over all namespaces', () => {
    const notes = store()
    const ids = Array.from({ length: 37 }, (_, at) => add(notes, at % 2 === 0 ? 'one' : 'two'))
    expect([ids[0], ids[9], ids[35], ids[36]]).toEqual(['n1', 'na', 'n10', 'n11'])
  })

  it('never gives an id twice', () => {
    const notes = store()
    const first = add(notes)
    notes.remove({ namespace: 'one', id: first })
    expect(add(notes)).toBe('n2')
  })

  it('refuses a note above its bound, keeps what it has, and takes one again after a removal', () => {
    const notes = store(2)
    const first = add(notes)
    add(notes, 'two')
    const refused = expect.objectContaining({
      code: 'AIOS_QUOTA_EXCEEDED',
      message: expect.stringContaining('at most 2 notes'),
      details: { maxNotes: 2 },
    })
    expect(() => add(notes, 'three')).toThrow(refused)
    notes.remove({ namespace: 'one', id: first })
    expect(add(notes, 'three')).toBe('n3')
  })

  it('does not count a note that it refused', () => {
    const notes = store(1)
    expect(() => notes.add({ namespace: 'one', content: 'x', metadata: { bad: Number.NaN } })).toThrow()
    expect(add(notes)).toBe('n1')
  })

  it('leaves a note and the index as they were when an update is refused', () => {
    const notes = store()
    const id = add(notes, 'one', 'volcano')
    expect(() => notes.update({ namespace: 'one', id, content: 'glacier', metadata: { bad: Number.NaN } })).toThrow()
    expect(notes.get({ namespace: 'one', id }).content).toBe('volcano')
    expect(notes.retrieve({ namespace: 'one', query: 'volcano' })).toHaveLength(1)
    expect(notes.retrieve({ namespace: 'one', query: 'glacier' })).toEqual([])
  })

  it('says which id it looked for where, and never how long it really was', () => {
    const missing = expect.objectContaining({
      code: 'AIOS_NOT_FOUND',
      message: expect.stringMatching(/namespace "one", got "n{80}"/),
    })
    expect(() => store().get({ namespace: 'one', id: 'n'.repeat(1_000) })).toThrow(missing)
  })

  it.each(['n01', 'N1', 'n1 ', 'n1.0', 'n-1', 'nzzzzzzzzzzzzzzzzzzzz', '1'])('does not take %s for n1', (id) => {
    const notes = store()
    add(notes)
    expect(() => notes.get({ namespace: 'one', id })).toThrow(expect.objectContaining({ code: 'AIOS_NOT_FOUND' }))
  })

  it('holds after any history what a plain list holds, and shows each namespace only its own', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const notes = store(20)
        let model: Owned[] = []
        const ids: string[] = []
        for (const each of steps) {
          if (each.type === 'add') {
            const isFull = model.length === 20
            expect(outcome(() => ids.push(add(notes, each.namespace, each.content)))).toBe(
              isFull ? 'AIOS_QUOTA_EXCEEDED' : 'done',
            )
            if (!isFull) model.push({ id: ids.at(-1)!, namespace: each.namespace, content: each.content })
            continue
          }
          const id = ids[each.at] ?? 'n0'
          const target = model.find((note) => note.id === id && note.namespace === each.namespace)
          const run = () => (each.type === 'update' ? notes.update({ ...each, id }) : notes.remove({ ...each, id }))
          expect(outcome(run)).toBe(target === undefined ? 'AIOS_NOT_FOUND' : 'done')
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

  it('scores a note the same whatever other namespaces hold', () => {
    const [alone, crowded] = [store(), store()]
    add(alone, 'one', 'red green')
    add(crowded, 'one', 'red green')
    for (let at = 0; at < 20; at += 1) add(crowded, 'two', 'red red red')
    const scoreIn = (notes: NoteStore) => notes.retrieve({ namespace: 'one', query: 'red' })[0]?.score
    expect(scoreIn(crowded)).toBe(scoreIn(alone))
  })
})
