import { AiosError } from '@aios/kernel/driver'
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

const DURABILITY_KEY = ownKey('durability')
const VERSIONS_KEY = ownKey('versions')
const FIRST_VERSION = 1

/** Is how an environment is read. */
interface Reading {
  readonly reader: RecordReader
  readonly isDamaged: boolean
}

/** Is one open environment, and what works on it. */
export class Environment {
  readonly settings: LmdbSettings
  readonly reader: RecordReader
  readonly writer: RecordWriter
  /** Whether keys are damaged, so that a record that is not found may be one of them. */
  readonly isDamaged: boolean
  readonly #database: NativeDatabase
  readonly #versions: VersionSource
  /** Copies that are being written; the files stay open until then. */
  readonly #copying = new Set<Promise<void>>()

  private constructor(settings: LmdbSettings, database: NativeDatabase, { reader, isDamaged }: Reading) {
    this.settings = settings
    this.reader = reader
    this.isDamaged = isDamaged
    this.#database = database
    this.#versions = new VersionSource(() => this.#takeVersions())
    this.writer = new RecordWriter(database, this.#versions)
  }

  /**
   * Opens the store of a directory, or makes one.
   *
   * @throws AiosError `AIOS_CORRUPT`, `AIOS_STORE_UNAVAILABLE`, `AIOS_QUOTA_EXCEEDED`
   */
  static async open(settings: LmdbSettings, schema: StoreSchema): Promise<Environment> {
    const found = await findOrMake(settings, schema)
    const mustMigrate = needsMigration(settings.dir, found.schema, { schema, readOnly: settings.readOnly })
    refuseDamaged(settings, found)
    try {
      const taker = new EntryTaker()
      const database = openNative(settings.dir, settings, taker.take)
      try {
        const isShared = holders(database).includes(process.pid)
        const reader = new RecordReader(database, taker)
        const environment = new Environment(settings, database, { reader, isDamaged: found.damaged.length > 0 })
        if (!settings.readOnly) {
          await environment.#claim(isShared)
          if (mustMigrate) await migrate(database, found.schema, schema)
          await environment.#versions.start()
        }
        return environment
      } catch (error) {
        await database.close()
        throw error
      }
    } catch (error) {
      throw await lmdbFailure(error, settings.dir)
    }
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
    await this.writer.idle()
    await this.#versions.idle()
    await Promise.all(this.#copying)
    this.reader.close()
    try {
      if (!this.settings.readOnly) await this.sync()
    } finally {
      await this.#database.close()
    }
  }

  /** Makes sure that all who have the store open mean the same by "committed": the weaker would undo the stronger. */
  async #claim(isShared: boolean): Promise<void> {
    const { durability, dir } = this.settings
    this.#database.readerCheck()
    const found = this.#own(DURABILITY_KEY)
    if (found !== undefined && Buffer.from(found.value).toString('latin1') === durability) return
    const before = this.#others(isShared)
    if (before.length === 0) {
      const version = (found?.version ?? 0) + 1
      const packed = packRecord(DURABILITY_KEY, Buffer.from(durability, 'latin1'), version)
      await this.#database.put(DURABILITY_KEY, packed, version, found?.version ?? null)
      await this.sync()
    }
    const after = before.length > 0 ? before : this.#others(isShared)
    if (after.length === 0) return
    throw unavailable(
      dir,
      `process ${after.join(', ')} has it open with another durability than "${durability}"; use the same, or close it there first`,
    )
  }

  #others(isShared: boolean): readonly number[] {
    const others = holders(this.#database).filter((pid) => pid !== process.pid)
    return isShared ? [process.pid, ...others] : others
  }

  #own(key: typeof DURABILITY_KEY): { readonly value: Uint8Array; readonly version: number } | undefined {
    return this.reader.get('', key)
  }

  /** Reserves a block of versions on the disk before one of them is used. */
  async #takeVersions(): Promise<number> {
    for (;;) {
      const found = this.#own(VERSIONS_KEY)
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

async function findOrMake(settings: LmdbSettings, schema: StoreSchema): Promise<FoundStore> {
  const found = await findStore(settings)
  if (found !== undefined) return found
  const { dir, readOnly, durability } = settings
  if (readOnly) throw unavailable(dir, 'there is none; open it once without "readOnly", which makes it')
  await makeStore(dir, async (aside) => {
    const database = openNative(aside, settings, (bytes) => bytes)
    try {
      const { packed, version } = formatRecord(schema.version)
      const kept = packRecord(DURABILITY_KEY, Buffer.from(durability, 'latin1'), FIRST_VERSION)
      await Promise.all([database.put(FORMAT_KEY, packed, version), database.put(DURABILITY_KEY, kept, FIRST_VERSION)])
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
  const made = await findStore(settings)
  if (made === undefined) throw unavailable(dir, 'it vanished while it was made')
  return made
}

/** A store that is written to must not hide records: what is put under a damaged key would be there twice. */
function refuseDamaged({ dir, readOnly }: LmdbSettings, { damaged }: FoundStore): void {
  const [first] = damaged
  if (first === undefined || readOnly) return
  const which = `${damaged.length} ${damaged.length === 1 ? 'record' : 'records'} whose key or version is damaged, such as ${JSON.stringify(first.toString('latin1', 0, 80))}`
  throw corruptStore(dir, `${which}; pass "readOnly" and export the rest, or restore a backup`)
}

/** Returns the processes that have a place in LMDB's table of readers; each open store takes one. */
function holders(database: NativeDatabase): readonly number[] {
  const pids = database
    .readerList()
    .split('\n')
    .map((line) => Number(/^\s*(\d+) [\da-f]+ /.exec(line)?.[1] ?? Number.NaN))
  return [...new Set(pids.filter((pid) => !Number.isNaN(pid)))]
}
