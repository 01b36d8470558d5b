import { RECORD_BOUNDS, AiosError, type RecordStore, type RecordWrite } from '@aios/kernel/driver'
import { keyOfSerial } from '../note/note-id.js'
import { readEach, type Found } from './read-each.js'
import { decodeHead, decodeNote, decodeResult, encodeRecord, type KeptNote, type KeptResult } from './record-format.js'
import type { MemorySpaces } from './spaces.js'

/** Most bytes of a note as it is recorded: a result holds it twice, and has to fit a record too. */
const NOTE_BYTES = RECORD_BOUNDS.valueBytes / 4
const HEAD = Buffer.from('serial')

/** Is one record as a draft sees it. */
interface Cell<T> {
  /** Its version in the store, 0 if it is not there. */
  readonly version: number
  /** What it holds, with the changes of the draft; a function throws what is wrong with it. */
  value: T | undefined | (() => never)
  /** Its value in the store from now on; absent: unchanged. */
  next?: Uint8Array | 'removed'
}

/**
 * Is one commit while it is put together: shows the store with the changes so far, and makes of them a batch that is
 * committed only if nobody changed meanwhile what it is based on.
 */
export class Draft {
  readonly #records: RecordStore
  readonly #spaces: MemorySpaces
  readonly #notes = new Map<number, Cell<KeptNote>>()
  readonly #results = new Map<string, Cell<KeptResult>>()
  #head: Cell<number> | undefined
  /** How many notes there are more than before. */
  growth = 0
  /** Bytes to be written, roughly. */
  bytes = 0

  constructor(records: RecordStore, spaces: MemorySpaces) {
    this.#records = records
    this.#spaces = spaces
  }

  /** Reads at once what will be asked for. */
  async prefetch(serials: Iterable<number>, keys: Iterable<string>): Promise<void> {
    const [newSerials, newKeys] = [
      [...new Set(serials)].filter((serial) => !this.#notes.has(serial)),
      [...new Set(keys)].filter((key) => !this.#results.has(key)),
    ]
    const { notes, keys: results } = this.#spaces
    const [foundNotes, foundResults] = await Promise.all([
      readEach(this.#records, notes, newSerials.map(keyOfSerial)),
      readEach(
        this.#records,
        results,
        newKeys.map((key) => Buffer.from(key)),
      ),
    ])
    newSerials.forEach((serial, at) => {
      const key = keyOfSerial(serial)
      this.#notes.set(
        serial,
        cellOf(foundNotes[at], (value) => decodeNote(value, { space: notes, key })),
      )
    })
    newKeys.forEach((name, at) => {
      const key = Buffer.from(name)
      this.#results.set(
        name,
        cellOf(foundResults[at], (value) => decodeResult(value, { space: results, key })),
      )
    })
  }

  /**
   * Returns a note, undefined if there is none.
   *
   * @throws AiosError `AIOS_CORRUPT` if it is damaged
   */
  async note(serial: number): Promise<KeptNote | undefined> {
    if (serial === 0) return undefined
    await this.prefetch([serial], [])
    return valueOf(this.#notes.get(serial))
  }

  /**
   * Returns what a call with this key came to, undefined if there was none.
   *
   * @throws AiosError `AIOS_CORRUPT` if that is damaged
   */
  async result(key: string): Promise<KeptResult | undefined> {
    await this.prefetch([], [key])
    return valueOf(this.#results.get(key))
  }

  /** Returns the serial number that comes next; it is taken as soon as a note is put under it. */
  async nextSerial(lastKnown: number): Promise<number> {
    if (this.#head === undefined) {
      const place = { space: this.#spaces.head, key: HEAD }
      const [found] = await readEach(this.#records, place.space, [HEAD])
      this.#head = cellOf(found, (value) => decodeHead(value, place))
    }
    return Math.max(valueOf(this.#head) ?? 0, lastKnown) + 1
  }

  /**
   * Adds or replaces a note.
   *
   * @throws AiosError `AIOS_QUOTA_EXCEEDED` if it is too large for a record
   */
  put(serial: number, kept: KeptNote): void {
    const value = encodeRecord(kept)
    if (value.byteLength > NOTE_BYTES)
      throw new AiosError(
        'AIOS_QUOTA_EXCEEDED',
        `Expected a note of at most ${NOTE_BYTES} bytes, got ${value.byteLength}. Split it, or keep large content in storage.`,
      )
    const cell = this.#notes.get(serial)
    if (cell?.value === undefined) this.growth += 1
    this.#notes.set(serial, { version: cell?.version ?? 0, value: kept, next: value })
    this.bytes += value.byteLength
    if (this.#head === undefined || serial <= (valueOf(this.#head) ?? 0)) return
    this.#head.value = serial
    this.#head.next = encodeRecord({ last: serial })
  }

  /** Removes a note that is there. */
  remove(serial: number): void {
    const { version = 0 } = this.#notes.get(serial) ?? {}
    this.#notes.set(serial, { version, value: undefined, next: 'removed' })
    this.growth -= 1
  }

  /** Keeps what a call with this key came to, or forgets it. */
  setResult(key: string, result: KeptResult | undefined): void {
    const { version = 0 } = this.#results.get(key) ?? {}
    const next = result === undefined ? 'removed' : encodeRecord(result)
    this.#results.set(key, { version, value: result, next })
    this.bytes += next === 'removed' ? 0 : next.byteLength
  }

  /** Returns the notes that are other than before; undefined stands for one that is gone. */
  changes(): readonly (readonly [serial: number, note: KeptNote | undefined])[] {
    return [...this.#notes]
      .filter(([, cell]) => isChanged(cell))
      .map(([serial, cell]) => [serial, valueOf(cell)] as const)
  }

  /** Returns the batch. */
  writes(): readonly RecordWrite[] {
    const { notes, keys, head } = this.#spaces
    return [
      ...[...this.#notes].flatMap(([serial, cell]) => writeOf({ space: notes, key: keyOfSerial(serial) }, cell)),
      ...[...this.#results].flatMap(([key, cell]) => writeOf({ space: keys, key: Buffer.from(key) }, cell)),
      ...(this.#head === undefined ? [] : writeOf({ space: head, key: HEAD }, this.#head)),
    ]
  }
}

function cellOf<T>(found: Found | undefined, decode: (value: Uint8Array) => T): Cell<T> {
  if (found === undefined) return { version: 0, value: undefined }
  if ('damage' in found) return { version: 0, value: thrower(found.damage) }
  const { record } = found
  if (record === undefined) return { version: 0, value: undefined }
  try {
    return { version: record.version, value: decode(record.value) }
  } catch (error) {
    return { version: record.version, value: thrower(error as Error) }
  }
}

function thrower(error: Error): () => never {
  return () => {
    throw error
  }
}

function valueOf<T extends object | number>(cell: Cell<T> | undefined): T | undefined {
  const value = cell?.value
  return typeof value === 'function' ? (value as () => never)() : value
}

/** What was made and removed in the same draft was never there. */
function isChanged({ version, next }: Cell<unknown>): boolean {
  return next !== undefined && !(next === 'removed' && version === 0)
}

function writeOf(
  place: { readonly space: string; readonly key: Uint8Array },
  cell: Cell<unknown>,
): readonly RecordWrite[] {
  const { version: ifVersion, next } = cell
  if (next === undefined || !isChanged(cell)) return []
  return [next === 'removed' ? { op: 'remove', ...place, ifVersion } : { op: 'put', ...place, value: next, ifVersion }]
}
