import { keyText } from './record-arguments.js'
import type { RecordSize, StoredRecord } from './record-store.js'
import { SortedKeys } from './sorted-keys.js'

/** Are the bounds of a range as text of keys. */
export interface TextRange {
  readonly from: string
  readonly to: string | undefined
  readonly reverse: boolean
}

/** Keeps the records of one space. */
export class RamSpace {
  /** By the text of their keys, whose order is that of the keys. */
  readonly #records = new Map<string, StoredRecord>()
  readonly #order = new SortedKeys()
  #bytes = 0

  get size(): RecordSize {
    return { records: this.#records.size, bytes: this.#bytes }
  }

  get(key: Uint8Array): StoredRecord | undefined {
    return this.#records.get(keyText(key))
  }

  put(record: StoredRecord): void {
    const name = keyText(record.key)
    const before = this.#records.get(name)
    if (before === undefined) this.#order.add(name)
    this.#records.set(name, record)
    this.#bytes += bytesOf(record) - bytesOf(before)
  }

  remove(record: StoredRecord): void {
    const name = keyText(record.key)
    this.#records.delete(name)
    this.#order.delete(name)
    this.#bytes -= bytesOf(record)
  }

  /** Returns the first record of a range. */
  first({ from, to, reverse }: TextRange): StoredRecord | undefined {
    return this.#within(reverse ? this.#order.below(to) : this.#order.from(from), { from, to })
  }

  /** Returns the record of a range that comes after another one, which may be gone. */
  next({ from, to, reverse }: TextRange, { key }: StoredRecord): StoredRecord | undefined {
    const last = keyText(key)
    return this.#within(reverse ? this.#order.below(last) : this.#order.above(last), { from, to })
  }

  /** Returns all records in order, as they are now. */
  all(): readonly StoredRecord[] {
    return Array.from(this.#order.all(), (name) => this.#records.get(name) as StoredRecord)
  }

  #within(name: string | undefined, { from, to }: Omit<TextRange, 'reverse'>): StoredRecord | undefined {
    return name === undefined || name < from || (to !== undefined && name >= to) ? undefined : this.#records.get(name)
  }
}

function bytesOf(record: StoredRecord | undefined): number {
  return record === undefined ? 0 : record.key.byteLength + record.value.byteLength
}
