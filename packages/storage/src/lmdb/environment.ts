import { AiosError } from '@aios/kernel/driver'
import { Gate, hasGate } from './gate.js'
import { lmdbFailure, corruptStore, unavailable } from './lmdb-failure.js'
import type { LmdbSettings } from './lmdb-options.js'
import { openNative, type NativeDatabase } from './native-database.js'
import { packRecord } from './record-format.js'
import { EntryTaker, RecordReader } from './record-reader.js'
import { RecordWriter } from './record-writer.js'
import { findStore, makeStore, type FoundStore } from './store-directory.js'
import { formatRecord, FORMAT_KEY, migrate, needsMigration, type StoreSchema } from './store-schema.js'
import { ownKey } from './stored-key.js'
import { VERSION_BLOCK, VersionSource } from './version-source.js'

const VERSIONS_KEY = ownKey('versions')
const FIRST_VERSION = 1

/** Is the one open environment of a directory in this process, and what writes to it. */
export class Environment {
  readonly settings: LmdbSettings
  readonly writer: RecordWriter
  /** Whether keys are damaged, so that a record that is not found may be one of them. */
  readonly isDamaged: boolean
  readonly #database: NativeDatabase
  readonly #gate: Gate | undefined
  readonly #taker: EntryTaker
  readonly #reader: RecordReader
  readonly #versions: VersionSource
  /** Copies that are being written; the files stay open until then. */
  readonly #copying = new Set<Promise<void>>()
  #isClosing = false

  private constructor(settings: LmdbSettings, isDamaged: boolean, gate: Gate | undefined) {
    this.#gate = gate
    this.settings = settings
    this.isDamaged = isDamaged
    this.#taker = new EntryTaker()
    this.#database = openNative(settings.dir, settings, this.#taker.take)
    this.#reader = this.read()
    this.#versions = new VersionSource(() => this.#takeVersions())
    this.writer = new RecordWriter(this.#database, this.#versions)
  }

  /**
   * Opens the store of a directory, which no other process may have open, after looking at all of it.
   *
   * @throws AiosError `AIOS_CORRUPT`, `AIOS_STORE_UNAVAILABLE`, `AIOS_QUOTA_EXCEEDED`
   */
  static async open(settings: LmdbSettings, schema: StoreSchema): Promise<Environment> {
    const gate = await Gate.enter(settings)
    try {
      return await Environment.#inside(settings, schema, gate)
    } catch (error) {
      await gate?.leave()
      throw error
    }
  }

  static async #inside(settings: LmdbSettings, schema: StoreSchema, gate: Gate | undefined): Promise<Environment> {
    const found = await findStore(settings)
    if (found === undefined) throw unavailable(settings.dir, 'it vanished while it was opened')
    const mustMigrate = needsMigration(settings.dir, found.schema, { schema, readOnly: settings.readOnly })
    refuseDamaged(settings, found)
    try {
      const environment = new Environment(settings, found.damaged.length > 0, gate)
      try {
        await environment.#start(mustMigrate ? { found: found.schema, schema } : undefined)
        return environment
      } catch (error) {
        environment.#reader.close()
        await environment.#database.close()
        throw error
      }
    } catch (error) {
      throw await lmdbFailure(error, settings.dir)
    }
  }

  async #start(migration: { readonly found: number; readonly schema: StoreSchema } | undefined): Promise<void> {
    if (this.settings.readOnly) return
    if (migration !== undefined) await migrate(this.#database, migration.found, migration.schema)
    await this.#versions.start()
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
    await this.writer.idle()
    await this.#versions.idle()
    await Promise.all(this.#copying)
    this.#reader.close()
    try {
      if (!this.settings.readOnly) await this.sync()
    } finally {
      await this.#database.close()
      await this.#gate?.leave()
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
      const packed = packRecord(VERSIONS_KEY, new Uint8Array(0), first)
      if (!(await this.#database.put(VERSIONS_KEY, packed, first, found?.version ?? null))) continue
      await this.sync()
      return first
    }
  }
}

/** Makes a store in a directory that has none; what is not a store's is refused untouched. */
export async function makeIfMissing(settings: LmdbSettings, schema: StoreSchema): Promise<void> {
  // Where there is a gate, another process may be writing: then only who is inside of it can look.
  if (await hasGate(settings.dir)) return
  const found = await findStore({ ...settings, check: 'header' })
  if (found !== undefined) {
    needsMigration(settings.dir, found.schema, { schema, readOnly: settings.readOnly })
    return
  }
  const { dir, readOnly } = settings
  if (readOnly) throw unavailable(dir, 'there is none; open it once without "readOnly", which makes it')
  await makeStore(dir, async (aside) => {
    const database = openNative(aside, settings, (bytes) => bytes)
    try {
      const { packed, version } = formatRecord(schema.version)
      await database.put(FORMAT_KEY, packed, version)
      await new Promise<void>((resolve) => {
        database.sync(() => {
          resolve()
        })
      })
    } catch (error) {
      throw await lmdbFailure(error, dir)
    } finally {
      await database.close()
    }
  })
}

/** A store that is written to must not hide records: what is put under a damaged key would be there twice. */
function refuseDamaged({ dir, readOnly }: LmdbSettings, { damaged }: FoundStore): void {
  const [first] = damaged
  if (first === undefined || readOnly) return
  const which = `${damaged.length} ${damaged.length === 1 ? 'record' : 'records'} whose key or version is damaged, such as ${JSON.stringify(first.toString('latin1', 0, 80))}`
  throw corruptStore(dir, `${which}; pass "readOnly" and export the rest, or restore a backup`)
}
