import { inverseDocumentFrequency, saturation } from './bm25.js'
import { PagedMap } from './paged-map.js'
import { Posting } from './posting.js'
import { StemMemory } from './stem-memory.js'
import { tokenize } from './tokenize.js'

/** Is one field of a document with how much an occurrence in it counts. */
export interface WeightedText {
  readonly text: string
  /** A positive integer, so that sums stay exact however often documents come and go. */
  readonly weight: number
}

interface IndexedDocument {
  readonly terms: readonly string[]
  /** Weighted number of terms. */
  readonly length: number
}

/**
 * Finds documents by their words, ranked by BM25 over weighted fields. It is an inverted index that follows every
 * change at once: after any history it answers as if it had been built from the documents it holds.
 */
export class LexicalIndex {
  readonly #documents = new PagedMap<IndexedDocument>()
  /** Term → documents; a term without documents is not kept. */
  readonly #postings = new Map<string, Posting>()
  readonly #stems = new StemMemory()
  #totalLength = 0

  /** Number of documents. */
  get size(): number {
    return this.#documents.size
  }

  /** Number of different terms over all documents. */
  get terms(): number {
    return this.#postings.size
  }

  /** Adds a document, or replaces the one of the same key. */
  put(key: number, fields: readonly WeightedText[]): void {
    this.delete(key)
    const occurrences = new Map<string, number>()
    let length = 0
    for (const { text, weight } of fields) {
      for (const term of tokenize(text, this.#stems)) {
        occurrences.set(term, (occurrences.get(term) ?? 0) + weight)
        length += weight
      }
    }
    for (const [term, count] of occurrences) this.#postingOf(term).add(key, count)
    this.#documents.set(key, { terms: [...occurrences.keys()], length })
    this.#totalLength += length
  }

  /** Removes a document; one that is not there is none. */
  delete(key: number): void {
    const document = this.#documents.get(key)
    if (document === undefined) return
    for (const term of document.terms) {
      const posting = this.#postingOf(term)
      posting.delete(key)
      if (posting.size === 0) this.#postings.delete(term)
    }
    this.#documents.delete(key)
    this.#totalLength -= document.length
  }

  /** Returns the score of every document that holds a term of the query: above 0, comparable within this answer. */
  search(query: string): ReadonlyMap<number, number> {
    const scores = new Map<number, number>()
    const averageLength = this.#totalLength / this.#documents.size
    for (const term of new Set(tokenize(query, this.#stems))) {
      const posting = this.#postings.get(term)
      if (posting === undefined) continue
      const worth = inverseDocumentFrequency(posting.size, this.#documents.size)
      posting.each((key, occurrences) => {
        const length = this.#documents.get(key)!.length
        scores.set(key, (scores.get(key) ?? 0) + worth * saturation(occurrences, length / averageLength))
      })
    }
    return scores
  }

  #postingOf(term: string): Posting {
    let posting = this.#postings.get(term)
    if (posting === undefined) this.#postings.set(term, (posting = new Posting()))
    return posting
  }
}
