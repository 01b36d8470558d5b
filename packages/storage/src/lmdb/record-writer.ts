import type { Clock, TimerHandle } from '@aios/kernel/driver'
import { CommitOrder, type Asker } from './commit-order.js'
import { unavailable } from './lmdb-failure.js'
import { NativeBatch, type NativeWrite } from './native-batch.js'
import { ANY_VERSION, type NativeDatabase } from './native-database.js'
import { packRecord } from './record-format.js'
import type { StoredKey } from './stored-key.js'
import { TURN, type Turn } from './turn.js'
import type { VersionSource } from './version-source.js'

const EMPTY = new Uint8Array(0)
/** Milliseconds for which the turn is kept before anybody looks whether another process waits. */
const SLICE_MS = 8

/** Hands a write to LMDB. */
type Start = () => Promise<boolean>

/** Is what a writer works with. */
export interface WriterParts {
  readonly dir: string
  readonly database: NativeDatabase
  readonly versions: VersionSource
  readonly turn: Turn
  readonly clock: Clock
  /** Called when this process has the turn again, before the first write. */
  readonly begun: () => void
}

/**
 * Hands writes to LMDB, whose own thread takes them in this order, looks at their conditions in the same transaction, and
 * commits as many at once as there are. While another process has the turn, they wait here.
 */
export class RecordWriter {
  readonly #parts: WriterParts
  readonly #order = new CommitOrder()
  /** Writes that wait for the turn. */
  #waiting: { readonly start: Start; readonly asker: Asker }[] = []
  /** Runs while writes go straight to LMDB. */
  #slice: TimerHandle | undefined = undefined
  /** Settles when the turn that is being waited for, or given up, is had or gone. */
  #changing: Promise<void> | undefined = undefined

  constructor(parts: WriterParts) {
    this.#parts = parts
  }

  /** Begins to write in a turn that this process already has. */
  begin(): void {
    this.#parts.begun()
    this.#slice = this.#parts.clock.after(SLICE_MS, this.#look)
  }

  /** Resolves when all that was asked before is committed, or has failed. */
  async idle(): Promise<void> {
    if (this.#waiting.length === 0) await this.#order.idle()
    else
      await new Promise<void>((resolve) => {
        const asker = {
          made: nothing,
          resolve: () => {
            resolve()
          },
          reject: () => {
            resolve()
          },
        }
        this.#waiting.push({ start: () => Promise.resolve(true), asker })
      })
  }

  /** Writes no more once all is written. What is left of a turn stays, so that the files are closed within it. */
  async end(): Promise<void> {
    await this.idle()
    this.#slice?.cancel()
    this.#slice = undefined
    await this.#changing
  }

  /** Returns a version for a put. */
  nextVersion(): number {
    return this.#parts.versions.next()
  }

  /** Puts one record; resolves to whether its condition held. */
  put({ key, value, version, ifVersion }: NativeWrite, made: () => void): Promise<boolean> {
    const packed = packRecord(key, value ?? EMPTY, version)
    const condition = ifVersion === 0 ? null : ifVersion
    return this.#write(() => this.#parts.database.put(key, packed, version, condition), made)
  }

  /** Removes one record; resolves to whether it was there, in the version that was asked for. */
  remove(key: StoredKey, ifVersion: number | undefined, made: () => void): Promise<boolean> {
    return this.#write(() => this.#parts.database.remove(key, ifVersion ?? ANY_VERSION), made)
  }

  /** Resolves to whether a record is not there, in its turn. */
  isAbsent(key: StoredKey): Promise<boolean> {
    return this.#write(() => this.#parts.database.ifVersion(key, null, nothing), nothing)
  }

  /** Commits writes at once; resolves to whether all conditions held. `made` learns which records were removed. */
  batch(writes: readonly NativeWrite[], made: (removed: ReadonlySet<NativeWrite>) => void): Promise<boolean> {
    const batch = new NativeBatch(this.#parts.database, writes)
    return this.#write(
      () => batch.start(() => this.nextVersion()),
      () => {
        made(batch.removed)
      },
    )
  }

  #write(start: Start, made: () => void): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const asker = { made, resolve, reject }
      if (this.#slice === undefined && !this.#tryBegin()) this.#waiting.push({ start, asker })
      else this.#order.add(start(), asker)
    })
  }

  /** Begins at once if the turn is there to be had; otherwise sees to it that it will be. */
  #tryBegin(): boolean {
    if (this.#changing !== undefined) return false
    const { turn } = this.#parts
    if (turn.tryTake()) {
      this.begin()
      return true
    }
    this.#changing = this.#take()
    return false
  }

  /** Waits for the turn, and hands on what waited for it; what waited too long is told that it was not made. */
  async #take(): Promise<void> {
    const refusal = await this.#parts.turn.take().then(
      (isHad) => (isHad ? undefined : () => this.#tooLate()),
      (error: unknown) => () => error,
    )
    this.#changing = undefined
    const waiting = this.#waiting.splice(0)
    if (refusal === undefined) this.begin()
    for (const { start, asker } of waiting) {
      if (refusal === undefined) this.#order.add(started(start), asker)
      else asker.reject(refusal())
    }
  }

  #tooLate(): unknown {
    const { dir, turn } = this.#parts
    return unavailable(
      dir,
      `no turn to write within ${TURN.waitMs / 1_000} seconds, which ${turn.who()} kept; this write was not made, so make it again once that one goes on or is gone`,
    )
  }

  /** Goes on as long as there is something to write and nobody else wants to. */
  readonly #look = (): void => {
    const { turn, clock } = this.#parts
    if (!this.#order.isIdle && !turn.isWanted()) {
      this.#slice = clock.after(SLICE_MS, this.#look)
      return
    }
    this.#slice = undefined
    if (this.#order.isIdle) turn.letGo()
    else this.#changing = this.#giveUp()
  }

  /** Lets the turn go once LMDB has committed what it was handed; what came meanwhile waits for the next one. */
  async #giveUp(): Promise<void> {
    await this.#order.idle()
    this.#parts.turn.letGo()
    this.#changing = this.#waiting.length === 0 ? undefined : this.#take()
    await this.#changing
  }
}

function nothing(): void {
  // Nobody has to be told.
}

/** Starts a write that waited; what it throws is its outcome. */
async function started(start: Start): Promise<boolean> {
  return start()
}
