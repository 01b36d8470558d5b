import { ANY_VERSION, type NativeDatabase } from './native-database.js'
import { packRecord } from './record-format.js'
import { ownKey, type StoredKey } from './stored-key.js'

/** Conditions that are nested in one another; each is a few frames of the stack. */
const NESTED = 32
const MARKER = ownKey('batch')
const EMPTY = new Uint8Array(0)

/** Is one write as LMDB gets it; without a value it removes. */
export interface NativeWrite {
  readonly key: StoredKey
  readonly value: Uint8Array | undefined
  readonly ifVersion: number | undefined
  /** Version that a put gives. */
  readonly version: number
}

/**
 * Hands several writes to LMDB as one block of its instructions, which it carries out in one transaction, without asking
 * this thread anything meanwhile. What a failed commit rejects is all awaited, so that nothing rejects unheard.
 */
export class NativeBatch {
  readonly #database: NativeDatabase
  readonly #writes: readonly NativeWrite[]
  readonly #conditions: readonly NativeWrite[]
  /** Packed before the first instruction, since a block cannot be taken back. */
  readonly #packed: readonly (Uint8Array | undefined)[]
  readonly #held: Promise<boolean>[] = []
  readonly #removing: Promise<unknown>[] = []
  /** The removes that found their record; complete when the batch is committed. */
  readonly removed = new Set<NativeWrite>()

  constructor(database: NativeDatabase, writes: readonly NativeWrite[]) {
    this.#database = database
    this.#writes = writes
    this.#conditions = writes.filter(({ ifVersion }) => ifVersion !== undefined)
    this.#packed = writes.map(({ key, value, version }) =>
      value === undefined ? undefined : packRecord(key, value, version),
    )
  }

  /** Resolves to whether all conditions held, when it is committed. */
  async start(nextVersion: () => number): Promise<boolean> {
    const groups = Math.ceil(this.#conditions.length / NESTED)
    const marks = groups > 1 ? Array.from({ length: groups }, nextVersion) : []
    const committed = this.#database.batch(() => {
      if (marks.length === 0) this.#nest(0, this.#conditions.length, this.#write)
      else this.#inGroups(marks)
    })
    // All are awaited at once: what a failed commit rejects later than the first would reject unheard.
    const [outcomes] = await Promise.all([Promise.all([committed, ...this.#held]), Promise.all(this.#removing)])
    return outcomes.every(Boolean)
  }

  readonly #write = (): void => {
    for (const [at, write] of this.#writes.entries()) {
      const value = this.#packed[at]
      // The promise of a put inside of a block is settled from the start.
      if (value !== undefined) void this.#database.put(write.key, value, write.version)
      else this.#removing.push(this.#remove(write))
    }
  }

  async #remove(write: NativeWrite): Promise<void> {
    if (await this.#database.remove(write.key, ANY_VERSION)) this.removed.add(write)
  }

  /** Does what is inner if the conditions hold. The outcome of each is kept: that of the innermost alone proves nothing. */
  #nest(from: number, to: number, inner: () => void): void {
    const condition = this.#conditions[from]
    if (from === to || condition === undefined) {
      inner()
      return
    }
    this.#hold(condition.key, condition.ifVersion ?? 0, () => {
      this.#nest(from + 1, to, inner)
    })
  }

  #hold(key: StoredKey, version: number, inner: () => void): void {
    this.#held.push(this.#database.ifVersion(key, version === 0 ? null : version, inner))
  }

  /** More conditions than a stack bears: a group that holds moves the marker, and the next begins with looking at it. */
  #inGroups(marks: readonly number[]): void {
    const mark = (version: number): void => {
      void this.#database.put(MARKER, packRecord(MARKER, EMPTY, version), version)
    }
    for (const [at, version] of marks.entries()) {
      if (at === 0) mark(version)
      const from = at * NESTED
      const to = Math.min(from + NESTED, this.#conditions.length)
      const following = marks[at + 1]
      this.#hold(MARKER, version, () => {
        this.#nest(from, to, () => {
          if (following === undefined) this.#write()
          else mark(following)
        })
      })
    }
    this.#removing.push(this.#database.remove(MARKER, ANY_VERSION))
  }
}
