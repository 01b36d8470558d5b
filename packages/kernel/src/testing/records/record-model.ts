import type { RecordRange, StoredRecord } from '../../record/record-store.js'
import { check } from '../conformance.js'
import { hexOf } from './record-ground.js'

/** Is one record as the model knows it. */
interface ModelRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array
  readonly version: number
}

/** Is a record store as simple as can be: what the contract means, to compare with. */
export class RecordModel {
  readonly #spaces = new Map<string, Map<string, ModelRecord>>()
  /** Versions that each record ever had. */
  readonly #used = new Set<string>()

  get(space: string, key: Uint8Array): ModelRecord | undefined {
    return this.#spaces.get(space)?.get(hexOf(key))
  }

  versionOf(space: string, key: Uint8Array): number {
    return this.get(space, key)?.version ?? 0
  }

  put(space: string, record: ModelRecord): void {
    const name = `${space} ${hexOf(record.key)} ${record.version}`
    check(!this.#used.has(name), `Expected a version that was not used before, got ${name}.`)
    this.#used.add(name)
    const records = this.#spaces.get(space) ?? new Map<string, ModelRecord>()
    this.#spaces.set(space, records.set(hexOf(record.key), record))
  }

  remove(space: string, key: Uint8Array): boolean {
    return this.#spaces.get(space)?.delete(hexOf(key)) === true
  }

  range(space: string, { from, to, reverse, limit }: RecordRange): ModelRecord[] {
    const records = [...(this.#spaces.get(space)?.values() ?? [])]
      .filter(({ key }) => from === undefined || Buffer.compare(key, from) >= 0)
      .filter(({ key }) => to === undefined || Buffer.compare(key, to) < 0)
      .sort((one, other) => Buffer.compare(one.key, other.key))
    return (reverse === true ? records.reverse() : records).slice(0, limit)
  }

  bytes(space: string): number {
    return this.range(space, {}).reduce((sum, { key, value }) => sum + key.byteLength + value.byteLength, 0)
  }
}

/** Throws unless a store returned what the model holds. */
export function checkSame(
  got: readonly (StoredRecord | undefined)[],
  wanted: readonly (ModelRecord | undefined)[],
  what: string,
): void {
  const show = (records: readonly (ModelRecord | undefined)[]): string =>
    records
      .map((record) =>
        record === undefined ? 'none' : `${hexOf(record.key)}=${hexOf(record.value)}@${record.version}`,
      )
      .join(', ')
  const [have, want] = [show(got), show(wanted)]
  check(have === want, `Expected ${want} from ${what}, got ${have}.`)
}
