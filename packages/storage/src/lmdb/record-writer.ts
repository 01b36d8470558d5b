import { CommitOrder } from './commit-order.js'
import { ANY_VERSION, type NativeDatabase } from './native-database.js'
import { packRecord } from './record-format.js'
import { NativeBatch, type NativeWrite } from './native-batch.js'
import type { StoredKey } from './stored-key.js'
import type { VersionSource } from './version-source.js'

const EMPTY = new Uint8Array(0)

/**
 * Hands writes to LMDB, whose own thread takes them in this order, looks at their conditions in the same transaction, and
 * commits as many at once as there are.
 */
export class RecordWriter {
  readonly #database: NativeDatabase
  readonly #versions: VersionSource
  readonly #order = new CommitOrder()

  constructor(database: NativeDatabase, versions: VersionSource) {
    this.#database = database
    this.#versions = versions
  }

  /** Resolves when all that was asked before is committed, or has failed. */
  idle(): Promise<void> {
    return this.#order.idle()
  }

  /** Returns a version for a put. */
  nextVersion(): number {
    return this.#versions.next()
  }

  /** Puts one record; resolves to whether its condition held. */
  put({ key, value, version, ifVersion }: NativeWrite, made: () => void): Promise<boolean> {
    const packed = packRecord(key, value ?? EMPTY, version)
    const condition = ifVersion === 0 ? null : ifVersion
    return this.#order.add(this.#database.put(key, packed, version, condition), made)
  }

  /** Removes one record; resolves to whether it was there, in the version that was asked for. */
  remove(key: StoredKey, ifVersion: number | undefined, made: () => void): Promise<boolean> {
    return this.#order.add(this.#database.remove(key, ifVersion ?? ANY_VERSION), made)
  }

  /** Resolves to whether a record is not there, in its turn. */
  isAbsent(key: StoredKey): Promise<boolean> {
    const nothing = (): void => undefined
    return this.#order.add(this.#database.ifVersion(key, null, nothing), nothing)
  }

  /** Commits writes at once; resolves to whether all conditions held. `made` learns which records were removed. */
  batch(writes: readonly NativeWrite[], made: (removed: ReadonlySet<NativeWrite>) => void): Promise<boolean> {
    const batch = new NativeBatch(this.#database, writes)
    const committed = batch.start(() => this.nextVersion())
    return this.#order.add(committed, () => {
      made(batch.removed)
    })
  }
}
