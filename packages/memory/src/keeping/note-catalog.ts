import { AiosError, type Clock, type Logger, type RecordStore, type StoredRecord } from '@aios/kernel/driver'
import { NoteIndex } from '../note/note-index.js'
import { idOf, keyOfSerial, serialOfKey } from '../note/note-id.js'
import { readEach } from './read-each.js'
import { decodeNote } from './record-format.js'

/** Notes, and bytes of them, that are taken in before others get a turn of the event loop. */
const NOTES_A_TURN = 4
const BYTES_A_TURN = 16_384

/** Is where the notes of a device are recorded. */
export interface CatalogSource {
  readonly records: RecordStore
  /** The space of the notes. */
  readonly space: string
  readonly clock: Clock
  readonly log: Logger
}

/** Follows the recorded notes of a device with an index in RAM. Its methods must not overlap. */
export class NoteCatalog {
  readonly index = new NoteIndex()
  readonly #source: CatalogSource
  /** Notes that cannot be read, with what is wrong with them. */
  readonly #damaged = new Map<number, AiosError>()
  /** Greatest serial number that was ever seen. */
  lastSerial = 0

  constructor(source: CatalogSource) {
    this.#source = source
  }

  /** Throws what is wrong with a note, if anything. */
  check(serial: number): void {
    const damage = this.#damaged.get(serial)
    if (damage !== undefined) throw damage
  }

  /** Takes a note in as it is now; undefined stands for one that is gone. */
  set(serial: number, note: Parameters<NoteIndex['put']>[1] | undefined): void {
    this.#damaged.delete(serial)
    if (note === undefined) {
      this.index.delete(serial)
      return
    }
    this.lastSerial = Math.max(this.lastSerial, serial)
    if (!isSame(this.index.get(serial), note)) this.index.put(serial, note)
  }

  /** Reads some notes. */
  async refresh(serials: readonly number[]): Promise<void> {
    const { records, space } = this.#source
    const found = await readEach(records, space, serials.map(keyOfSerial))
    serials.forEach((serial, at) => {
      const each = found[at]
      if (each === undefined || 'damage' in each) this.#damage(serial, each?.damage)
      else if (each.record === undefined) this.set(serial, undefined)
      else this.#take(serial, each.record)
    })
  }

  /** Reads all notes, a few in each turn of the event loop. */
  async reload(): Promise<void> {
    const gone = new Set([...this.index.serials, ...this.#damaged.keys()])
    let from: Uint8Array | undefined
    do {
      from = await this.#readFrom(from, gone)
    } while (from !== undefined)
    for (const serial of gone) this.set(serial, undefined)
  }

  /** Reads notes up to the end, or to one that the store itself finds damaged; returns where to go on behind that. */
  async #readFrom(from: Uint8Array | undefined, gone: Set<number>): Promise<Uint8Array | undefined> {
    const { records, space } = this.#source
    let [notes, bytes] = [0, 0]
    try {
      for await (const record of records.range(space, from === undefined ? {} : { from })) {
        const serial = serialOfKey(record.key)
        gone.delete(serial)
        if (serial === 0) this.#source.log.error('memory found a record that is no note', { space, key: record.key })
        else this.#take(serial, record)
        notes += 1
        bytes += record.value.byteLength
        if (notes % NOTES_A_TURN !== 0 && bytes < BYTES_A_TURN) continue
        bytes = 0
        await this.turn()
      }
      return undefined
    } catch (error) {
      const key = AiosError.is(error, 'AIOS_CORRUPT') ? error.details['key'] : undefined
      if (!(key instanceof Uint8Array)) throw error
      const serial = serialOfKey(key)
      gone.delete(serial)
      this.#damage(serial, error as AiosError)
      return Buffer.concat([key, Buffer.alloc(1)])
    }
  }

  /** Lets others have a turn of the event loop. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#source.clock.defer(resolve)
    })
  }

  #take(serial: number, { key, value }: StoredRecord): void {
    try {
      this.set(serial, decodeNote(value, { space: this.#source.space, key }).note)
    } catch (error) {
      this.#damage(serial, error as AiosError)
    }
  }

  #damage(serial: number, error: AiosError | undefined): void {
    if (error === undefined) return
    this.index.delete(serial)
    this.lastSerial = Math.max(this.lastSerial, serial)
    const isNews = !this.#damaged.has(serial)
    this.#damaged.set(serial, error)
    if (isNews) this.#source.log.error(`memory cannot read note ${idOf(serial)}`, { error })
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other)
}
