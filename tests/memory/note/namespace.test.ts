import { describe, expect, it } from 'vitest'
import { Namespace } from '../../../packages/memory/src/note/namespace.js'
import { createNote } from '../../../packages/memory/src/note/note.js'

function holding(
  ...notes: readonly { content: string; tags?: string[]; keywords?: string[]; category?: string; now?: number }[]
): Namespace {
  const namespace = new Namespace()
  notes.forEach(({ now = 0, ...request }, at) => {
    namespace.put(at + 1, createNote(request, { id: `n${at + 1}`, namespace: 'one', now }))
  })
  return namespace
}

const ids = (namespace: Namespace, query: string): string[] => namespace.retrieve({ query }).map(({ id }) => id)

describe('Namespace', () => {
  it('finds a note by any of its fields', () => {
    const namespace = holding(
      { content: 'alpha' },
      { content: 'x', keywords: ['alpha'] },
      { content: 'x', tags: ['alpha'] },
      { content: 'x', category: 'alpha' },
    )
    expect(ids(namespace, 'alpha').sort()).toEqual(['n1', 'n2', 'n3', 'n4'])
  })

  it('ranks a keyword above the same word in the text', () => {
    const namespace = holding(
      { content: 'alpha beta', keywords: ['gamma'] },
      { content: 'gamma beta', keywords: ['alpha'] },
    )
    expect(ids(namespace, 'alpha')).toEqual(['n2', 'n1'])
  })

  it('puts the note changed last first among equals, then the one added last', () => {
    const namespace = holding({ content: 'tie', now: 2 }, { content: 'tie', now: 1 }, { content: 'tie', now: 1 })
    expect(ids(namespace, 'tie')).toEqual(['n1', 'n3', 'n2'])
  })

  it('returns frozen hits', () => {
    const [hit] = holding({ content: 'alpha' }).retrieve({ query: 'alpha' })
    expect(Object.isFrozen(hit)).toBe(true)
  })

  it('counts its notes and forgets removed ones', () => {
    const namespace = holding({ content: 'alpha' }, { content: 'alpha' })
    namespace.delete(1)
    expect([namespace.size, namespace.get(1), ids(namespace, 'alpha')]).toEqual([1, undefined, ['n2']])
  })
})
