import { describe, expect, it } from 'vitest'
import { changedNote, createNote, searchableText } from '../../../packages/memory/src/note/note.js'

const origin = { id: 'n7', namespace: 'diary', now: 5 }

describe('createNote', () => {
  it('fills what was not given with empty fields and takes both times from its origin', () => {
    expect(createNote({ content: 'bare' }, origin)).toEqual({
      id: 'n7',
      namespace: 'diary',
      content: 'bare',
      keywords: [],
      tags: [],
      category: undefined,
      metadata: {},
      createdAt: 5,
      updatedAt: 5,
    })
  })

  it('is frozen with all its lists and shares none with its request', () => {
    const request = { content: 'text', keywords: ['a'], tags: ['b'], metadata: { c: [1] } }
    const note = createNote(request, origin)
    for (const part of [note, note.keywords, note.tags, note.metadata, note.metadata['c']])
      expect(Object.isFrozen(part)).toBe(true)
    request.tags.push('later')
    expect(note.tags).toEqual(['b'])
  })
})

describe('changedNote', () => {
  const note = createNote({ content: 'old', keywords: ['k'], tags: ['t'], category: 'c', metadata: { m: 1 } }, origin)

  it('keeps every field that the update does not name', () => {
    expect(changedNote(note, { id: 'n7' }, 9)).toEqual({ ...note, updatedAt: 9 })
  })

  it('replaces every field that the update names, even by an empty one', () => {
    const next = changedNote(
      note,
      { id: 'n7', content: 'new', keywords: [], tags: ['u'], category: '', metadata: {} },
      9,
    )
    expect(next).toEqual({
      ...note,
      content: 'new',
      keywords: [],
      tags: ['u'],
      category: '',
      metadata: {},
      updatedAt: 9,
    })
    expect(Object.isFrozen(next)).toBe(true)
  })

  it('does not invent a category', () => {
    expect(changedNote(createNote({ content: 'x' }, origin), { id: 'n7', content: 'y' }, 9).category).toBeUndefined()
  })

  it('takes identity and owner from the note, not from the request', () => {
    const next = changedNote(note, { id: 'n8', namespace: 'other', content: 'new' }, 9)
    expect([next.id, next.namespace]).toEqual(['n7', 'diary'])
  })
})

describe('searchableText', () => {
  it('offers content, keywords, tags and category, but no metadata', () => {
    const request = { content: 'one', keywords: ['two'], tags: ['three'], category: 'four', metadata: { five: 'five' } }
    const texts = searchableText(createNote(request, origin)).map(({ text }) => text)
    expect(texts).toEqual(['one', 'two', 'three', 'four'])
  })
})
