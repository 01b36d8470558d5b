import { realpath } from 'node:fs/promises'
import { Environment } from './environment.js'
import { unavailable } from './lmdb-failure.js'
import type { LmdbSettings } from './lmdb-options.js'
import { makeIfMissing } from './new-store.js'
import type { RecordReader } from './record-reader.js'
import type { RecordWriter } from './record-writer.js'
import type { StoreSchema } from './store-schema.js'

/** Is one environment, and how many use it. */
interface Shared {
  readonly settings: LmdbSettings
  readonly environment: Promise<Environment>
  users: number
  /** Settles when the last user has closed it; whoever comes meanwhile waits. */
  ended: Promise<void> | undefined
}

const OPEN = Symbol.for('aios.storage.lmdb.open')

/**
 * Returns the environments that are open in this process, by directory. The locks of LMDB's files belong to the process, and
 * the system lets all go as soon as one descriptor of such a file is closed: a directory that is opened a second time
 * would lose its locks, and with them its writes. So this is of the process, too, whatever copy of this module asks.
 */
function openHere(): Map<string, Shared> {
  const holder = globalThis as { [OPEN]?: Map<string, Shared> }
  return (holder[OPEN] ??= new Map<string, Shared>())
}

/** Is the use that one store makes of an environment that others of this process may use, too. */
export class Connection {
  readonly reader: RecordReader
  readonly writer: RecordWriter
  readonly isDamaged: boolean
  readonly #environment: Environment
  readonly #release: () => Promise<void>

  private constructor(environment: Environment, release: () => Promise<void>) {
    this.reader = environment.read()
    this.writer = environment.writer
    this.isDamaged = environment.isDamaged
    this.#environment = environment
    this.#release = release
  }

  /**
   * Opens a directory, or joins those of this process that have it open.
   *
   * @throws AiosError `AIOS_CORRUPT`, `AIOS_STORE_UNAVAILABLE`, `AIOS_QUOTA_EXCEEDED`
   */
  static async open(settings: LmdbSettings, schema: StoreSchema): Promise<Connection> {
    for (;;) {
      const there = await realpath(settings.dir).catch(() => undefined)
      const shared = there === undefined ? undefined : openHere().get(there)
      if (shared?.ended !== undefined) await shared.ended
      else if (there !== undefined && shared !== undefined) return join(there, shared, settings)
      else {
        await makeIfMissing(settings, schema)
        const path = await realpath(settings.dir)
        // Another may have come while this one looked.
        if (openHere().has(path)) continue
        const opened: Shared = {
          settings,
          environment: Environment.open({ ...settings, dir: path }, schema),
          users: 0,
          ended: undefined,
        }
        openHere().set(path, opened)
        return join(path, opened, settings)
      }
    }
  }

  /** Frees what processes that are gone held. */
  release(): void {
    this.#environment.release()
  }

  /** Writes a copy without free pages. */
  backup(dir: string): Promise<void> {
    return this.#environment.backup(dir)
  }

  /** Lets what was asked before be committed; with the last connection of the process the files are closed. */
  async close(): Promise<void> {
    await this.writer.idle()
    this.reader.close()
    await this.#release()
  }

  /** Makes a connection; of {@link Connection.open} only. */
  static of(environment: Environment, release: () => Promise<void>): Connection {
    return new Connection(environment, release)
  }
}

async function join(path: string, shared: Shared, settings: LmdbSettings): Promise<Connection> {
  const { durability, readOnly } = shared.settings
  if (!settings.readOnly && (readOnly || durability !== settings.durability)) {
    const how = readOnly ? 'with "readOnly"' : `with another durability than "${settings.durability}"`
    throw unavailable(settings.dir, `process ${process.pid} has it open ${how}; use the same, or close it there first`)
  }
  shared.users += 1
  try {
    return Connection.of(await shared.environment, () => leave(path, shared))
  } catch (error) {
    openHere().delete(path)
    throw error
  }
}

async function leave(path: string, shared: Shared): Promise<void> {
  shared.users -= 1
  if (shared.users > 0) return
  const closing = shared.environment.then((environment) => environment.close())
  shared.ended = closing
    .catch(() => undefined)
    .then(() => {
      openHere().delete(path)
    })
  await closing
  await shared.ended
}
