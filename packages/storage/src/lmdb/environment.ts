import { AiosError, systemClock } from '@aios/kernel/driver'
import { Gate, NO_GATE } from './gate.js'
import { lmdbFailure, unavailable } from './lmdb-failure.js'
import type { LmdbSettings } from './lmdb-options.js'
import type { NativeWrite } from './native-batch.js'
import { openNative, type NativeDatabase } from './native-database.js'
import { checkBeside, refuseDamaged, refuseMigration } from './opening-rules.js'
import { EntryTaker, RecordReader } from './record-reader.js'
import { RecordWriter } from './record-writer.js'
import { findStore } from './store-directory.js'
import { migrate, needsMigration, type StoreSchema } from './store-schema.js'
import { ownKey } from './stored-key.js'
import { Turn, TURN } from './turn.js'
import { VERSION_BLOCK, VersionSource } from './version-source.js'

const VERSIONS_KEY = ownKey('versions')
const FIRST_VERSION = 1

/** Milliseconds that closing waits for the turn; where it cannot be had, somebody else has the files open, and it is not needed. */
const CLOSE_MS = 1_000

/** Is how a directory is used among processes: the gate, the turn, and whether keys of the store are damaged. */
interface Place {
  readonly gate: Gate | undefined
  readonly turn: Turn
  readonly isDamaged: boolean
}

/** Is the one open environment of a directory in this process, and what writes to it. */
export class Environment {
  readonly settings: LmdbSettings
  readonly writer: RecordWriter
  readonly #place: Place
  readonly #database: NativeDatabase
  readonly #taker: EntryTaker
  readonly #reader: RecordReader
  readonly #versions: VersionSource
  /** Copies that are being written; the files stay open until then. */
  readonly #copying = new Set<Promise<void>>()
  #isClosing = false

  private constructor(settings: LmdbSettings, place: Place) {
    this.#place = place
    this.settings = settings
    this.#taker = new EntryTaker()
    this.#database = openNative(settings.dir, settings, this.#taker.take)
    this.#reader = this.read()
    this.#versions = new VersionSource(() => this.#takeVersions())
    this.writer = new RecordWriter({
      dir: settings.dir,
      database: this.#database,
      versions: this.#versions,
      turn: place.turn,
      clock: systemClock,
      // LMDB's thread must not be the one that finds out that the file has grown, while this one reads.
      begun: () => this.#reader.version(VERSIONS_KEY),
    })
  }

  /** Whether keys are damaged, so that a record that is not found may be one of them. */
  get isDamaged(): boolean {
    return this.#place.isDamaged
  }

  /**
   * Opens the store of a directory in a turn of this process, since nobody may write to an environment while it is opened.
   *
   * @throws AiosError `AIOS_CORRUPT`, `AIOS_STORE_UNAVAILABLE`, `AIOS_QUOTA_EXCEEDED`
   */
  static async open(settings: LmdbSettings, schema: StoreSchema): Promise<Environment> {
    const gate = await Gate.open(settings)
    const turn = new Turn(gate ?? NO_GATE, systemClock)
    try {
      if (!(await turn.take()))
        throw unavailable(
          settings.dir,
          `no turn to open it within ${TURN.waitMs / 1_000} seconds, which ${turn.who()} kept; open it again once that one goes on or is gone`,
        )
      const environment = await Environment.#inTurn(settings, schema, { gate, turn })
      if (settings.readOnly) turn.letGo()
      return environment
    } catch (error) {
      await gate?.leave()
      throw await lmdbFailure(error, settings.dir)
    }
  }

  static async #inTurn(
    settings: LmdbSettings,
    schema: StoreSchema,
    { gate, turn }: Pick<Place, 'gate' | 'turn'>,
  ): Promise<Environment> {
    const { dir, readOnly } = settings
    const others = (gate?.neighbours() ?? []).filter(({ use }) => use !== 'comes')
    const check = checkBeside(others, settings)
    const found = await findStore({ ...settings, check })
    if (found === undefined) throw unavailable(dir, 'it vanished while it was opened')
    const mustMigrate = needsMigration(dir, found.schema, { schema, readOnly })
    if (mustMigrate) refuseMigration(dir, others)
    refuseDamaged(settings, found)
    const environment = new Environment(settings, { gate, turn, isDamaged: found.damaged.length > 0 })
    try {
      if (mustMigrate) await migrate(environment.#database, found.schema, schema)
      gate?.tell(readOnly ? 'reads' : settings.durability)
      if (!readOnly) await environment.#begin()
      return environment
    } catch (error) {
      environment.#reader.close()
      await environment.#database.close()
      throw error
    }
  }

  async #begin(): Promise<void> {
    this.writer.begin()
    try {
      await this.#versions.start()
    } catch (error) {
      await this.writer.end()
      throw error
    }
  }

  /** Makes a reader with snapshots of its own; whoever made it closes it. */
  read(): RecordReader {
    return new RecordReader(this.#database, this.#taker)
  }

  /** Waits until all that is committed has reached the disk. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#database.sync((error) => {
        if (error === undefined || error === null) resolve()
        else reject(error instanceof Error ? error : new Error('LMDB could not sync its file.'))
      })
    })
  }

  /** Frees what processes that are gone held. */
  release(): void {
    this.#database.readerCheck()
  }

  /** Writes a copy without free pages. */
  async backup(dir: string): Promise<void> {
    if (this.#isClosing)
      throw new AiosError('AIOS_CLOSED', 'Expected an open record store, got one that was closed meanwhile.')
    const copying = this.#database.backup(dir, true)
    const settled = copying.catch(() => undefined)
    this.#copying.add(settled)
    try {
      await copying
    } finally {
      this.#copying.delete(settled)
    }
  }

  /** Commits what was asked for, brings it to the disk, and lets the files go. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#versions.idle()
    await this.writer.end()
    await Promise.all(this.#copying)
    this.#reader.close()
    const { gate, turn } = this.#place
    try {
      if (!this.settings.readOnly) await this.sync()
      // The last process to close takes LMDB's locks away, from under whoever opens it at that moment.
      await turn.take(CLOSE_MS)
    } finally {
      await this.#database.close()
      await gate?.leave()
    }
  }

  /** Reserves a block of versions on the disk before one of them is used. */
  async #takeVersions(): Promise<number> {
    for (;;) {
      const found = this.#reader.get('', VERSIONS_KEY)
      const first = found === undefined ? FIRST_VERSION : found.version + VERSION_BLOCK
      if (first > Number.MAX_SAFE_INTEGER - VERSION_BLOCK)
        throw new AiosError(
          'AIOS_STORE_UNAVAILABLE',
          'Expected versions that were never used, got none; import an export into a new store.',
        )
      const write = { key: VERSIONS_KEY, value: undefined, version: first, ifVersion: found?.version ?? 0 }
      if (!(await this.#reserved(write))) continue
      await this.sync()
      return first
    }
  }

  /** Fails with the reason of a failed commit, which LMDB gives on a promise of its own, so that this too is heard. */
  async #reserved(write: NativeWrite): Promise<boolean> {
    try {
      return await this.writer.put(write, () => undefined)
    } catch (error) {
      throw await lmdbFailure(error, this.settings.dir)
    }
  }
}
