import {
  AiosError,
  type MemoryAddRequest,
  type MemoryHit,
  type MemoryIdRequest,
  type MemoryNote,
  type MemoryRetrieveRequest,
  type MemoryUpdateRequest,
  type Scoped,
} from '@aios/kernel/driver'
import type { Clock } from '@aios/kernel'
import { Namespace } from './namespace.js'
import { changedNote, createNote } from './note.js'

const ID = /^n([1-9a-z][0-9a-z]*)$/
const RADIX = 36

const idOf = (serial: number): string => `n${serial.toString(RADIX)}`

/** Returns the serial number of an id, or 0, which no note has. */
function serialOf(id: string): number {
  const serial = Number.parseInt(ID.exec(id)?.[1] ?? '0', RADIX)
  return Number.isSafeInteger(serial) ? serial : 0
}

/**
 * Holds all notes of an open device. The first note is `n1`; ids count up in base 36 over all namespaces and are never
 * given twice, so the same calls in the same order always yield the same ids.
 */
export class NoteStore {
  readonly #clock: Clock
  readonly #maxNotes: number
  readonly #namespaces = new Map<string, Namespace>()
  #size = 0
  #lastSerial = 0

  constructor(clock: Clock, maxNotes: number) {
    this.#clock = clock
    this.#maxNotes = maxNotes
  }

  /** Stores a note; it can be retrieved as soon as this returns. */
  add(request: Scoped<MemoryAddRequest>): MemoryNote {
    if (this.#size >= this.#maxNotes) {
      const advice = 'Remove notes, or raise "maxNotes" of embeddedMemory().'
      throw new AiosError('AIOS_QUOTA_EXCEEDED', `Expected at most ${this.#maxNotes} notes, got one more. ${advice}`, {
        details: { maxNotes: this.#maxNotes },
      })
    }
    const serial = this.#lastSerial + 1
    const origin = { id: idOf(serial), namespace: request.namespace, now: this.#clock.now() }
    const note = createNote(request, origin)
    let namespace = this.#namespaces.get(request.namespace)
    if (namespace === undefined) {
      namespace = new Namespace()
      this.#namespaces.set(request.namespace, namespace)
    }
    namespace.put(serial, note)
    this.#lastSerial = serial
    this.#size += 1
    return note
  }

  /** Returns a note. */
  get(request: Scoped<MemoryIdRequest>): MemoryNote {
    return this.#find(request).note
  }

  /** Changes the given fields of a note, in the store and in the index. */
  update(request: Scoped<MemoryUpdateRequest>): MemoryNote {
    const { namespace, serial, note } = this.#find(request)
    const next = changedNote(note, request, this.#clock.now())
    namespace.put(serial, next)
    return next
  }

  /** Removes a note and returns what it was. */
  remove(request: Scoped<MemoryIdRequest>): MemoryNote {
    const { namespace, serial, note } = this.#find(request)
    namespace.delete(serial)
    if (namespace.size === 0) this.#namespaces.delete(request.namespace)
    this.#size -= 1
    return note
  }

  /** Returns the notes of one namespace that match best, best first. */
  retrieve(request: Scoped<MemoryRetrieveRequest>): readonly MemoryHit[] {
    return this.#namespaces.get(request.namespace)?.retrieve(request) ?? []
  }

  #find(request: Scoped<MemoryIdRequest>): { namespace: Namespace; serial: number; note: MemoryNote } {
    const serial = serialOf(request.id)
    const namespace = this.#namespaces.get(request.namespace)
    const note = namespace?.get(serial)
    if (namespace === undefined || note === undefined) {
      const what = `Expected the id of a note in namespace ${JSON.stringify(request.namespace)}`
      throw new AiosError(
        'AIOS_NOT_FOUND',
        `${what}, got ${JSON.stringify(request.id.slice(0, 80))}. memory.retrieve finds ids.`,
      )
    }
    return { namespace, serial, note }
  }
}
