import type { MemoryHit, MemoryNote, MemoryRetrieveRequest } from '@aios/kernel/driver'
import { LexicalIndex } from '../retrieval/lexical-index.js'
import { PagedMap } from '../retrieval/paged-map.js'
import { Ranking } from '../retrieval/ranking.js'
import { searchableText } from './note.js'

/** Hits of a query that names no limit, as in AIOS. */
const DEFAULT_LIMIT = 5

interface Candidate {
  readonly note: MemoryNote
  readonly serial: number
  readonly score: number
}

/** Puts the best score first; among equals the note changed last, then the one added last. */
function byRank(first: Candidate, second: Candidate): number {
  return second.score - first.score || second.note.updatedAt - first.note.updatedAt || second.serial - first.serial
}

/**
 * Holds the notes of one owner with an index of their own: not even the weight of a word depends on another namespace.
 */
export class Namespace {
  /** By serial number, which counts the notes of a device in the order they were added. */
  readonly #notes = new PagedMap<MemoryNote>()
  readonly #index = new LexicalIndex()

  /** Number of notes. */
  get size(): number {
    return this.#notes.size
  }

  /** Returns a note, or undefined if this namespace does not hold it. */
  get(serial: number): MemoryNote | undefined {
    return this.#notes.get(serial)
  }

  /** Adds a note, or replaces the one of the same serial number. */
  put(serial: number, note: MemoryNote): void {
    this.#notes.set(serial, note)
    this.#index.put(serial, searchableText(note))
  }

  /** Removes a note and all that the index knew of it. */
  delete(serial: number): void {
    this.#notes.delete(serial)
    this.#index.delete(serial)
  }

  /** Returns the notes that share a term with the query, best first. */
  retrieve(request: MemoryRetrieveRequest): readonly MemoryHit[] {
    const tags = request.tags ?? []
    const ranking = new Ranking<Candidate>(request.limit ?? DEFAULT_LIMIT, byRank)
    for (const [serial, score] of this.#index.search(request.query)) {
      const note = this.#notes.get(serial)!
      if (tags.every((tag) => note.tags.includes(tag))) ranking.offer({ note, serial, score })
    }
    return ranking.best.map(({ note, score }) => Object.freeze({ ...note, score }))
  }
}
