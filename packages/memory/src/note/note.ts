import type { MemoryAddRequest, MemoryNote, MemoryUpdateRequest } from '@aios/kernel/driver'
import type { WeightedText } from '../retrieval/lexical-index.js'
import { frozenJson } from './frozen-json.js'

/** Says what a new note gets from its device. */
export interface NoteOrigin {
  readonly id: string
  readonly namespace: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Makes the stored form of a note: a deep, frozen copy of what was given.
 *
 * @throws AiosError `AIOS_INVALID_SYSCALL` if the metadata is not JSON
 */
export function createNote(request: MemoryAddRequest, origin: NoteOrigin): MemoryNote {
  return Object.freeze({
    id: origin.id,
    namespace: origin.namespace,
    content: request.content,
    keywords: Object.freeze([...(request.keywords ?? [])]),
    tags: Object.freeze([...(request.tags ?? [])]),
    category: request.category,
    metadata: frozenJson(request.metadata ?? {}, 'metadata'),
    createdAt: origin.now,
    updatedAt: origin.now,
  })
}

/**
 * Makes what a note becomes: fields that are absent stay, fields that are given are replaced as a whole.
 *
 * @throws AiosError `AIOS_INVALID_SYSCALL` if the metadata is not JSON
 */
export function changedNote(note: MemoryNote, request: MemoryUpdateRequest, now: number): MemoryNote {
  const fields = {
    content: request.content ?? note.content,
    keywords: request.keywords ?? note.keywords,
    tags: request.tags ?? note.tags,
    metadata: request.metadata ?? note.metadata,
  }
  const category = request.category ?? note.category
  const next = createNote(category === undefined ? fields : { ...fields, category }, { ...note, now })
  return Object.freeze({ ...next, createdAt: note.createdAt })
}

/** Returns the texts of a note that can be searched; what its writer singled out counts twice what stands in the text. */
export function searchableText(note: MemoryNote): readonly WeightedText[] {
  return [
    { text: note.content, weight: 1 },
    ...note.keywords.map((text) => ({ text, weight: 2 })),
    ...note.tags.map((text) => ({ text, weight: 2 })),
    { text: note.category ?? '', weight: 1 },
  ]
}
