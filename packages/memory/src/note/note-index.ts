import type { MemoryHit, MemoryNote, MemoryRetrieveRequest, Scoped } from '@aios/kernel/driver'
import { PagedMap } from '../retrieval/paged-map.js'
import { Namespace } from './namespace.js'

/** Holds the notes of an open device in RAM, for whoever reads. */
export class NoteIndex {
  readonly #namespaces = new Map<string, Namespace>()
  /** By serial number, over all namespaces. */
  readonly #notes = new PagedMap<MemoryNote>()

  /** Number of notes over all namespaces. */
  get size(): number {
    return this.#notes.size
  }

  /** Serial numbers of all notes. */
  get serials(): Iterable<number> {
    return this.#notes.keys()
  }

  /** Returns a note, whoever owns it. */
  get(serial: number): MemoryNote | undefined {
    return this.#notes.get(serial)
  }

  /** Adds a note, or replaces the one of the same serial number. */
  put(serial: number, note: MemoryNote): void {
    if (this.#notes.get(serial)?.namespace !== note.namespace) this.delete(serial)
    let namespace = this.#namespaces.get(note.namespace)
    if (namespace === undefined) this.#namespaces.set(note.namespace, (namespace = new Namespace()))
    namespace.put(serial, note)
    this.#notes.set(serial, note)
  }

  /** Removes a note; one that is not there is none. */
  delete(serial: number): void {
    const note = this.#notes.get(serial)
    if (note === undefined) return
    this.#notes.delete(serial)
    const namespace = this.#namespaces.get(note.namespace)
    namespace?.delete(serial)
    if (namespace?.size === 0) this.#namespaces.delete(note.namespace)
  }

  /** Returns the notes of one namespace that match best, best first. */
  retrieve(request: Scoped<MemoryRetrieveRequest>): readonly MemoryHit[] {
    return this.#namespaces.get(request.namespace)?.retrieve(request) ?? []
  }
}
