import type { Clock } from '@aios/kernel'
import type {
  StorageEntry,
  StorageFile,
  StorageListRequest,
  StorageReadRequest,
  StorageRemoveRequest,
  StorageStatRequest,
  StorageWriteRequest,
} from '@aios/kernel/driver'
import type { StorageSettings } from '../embedded-storage-options.js'
import { storageFailure } from '../error/storage-failure.js'
import { openRoot, type Root } from '../path/root.js'
import { parsePath, type StoragePath } from '../path/storage-path.js'
import { encodeContent, textFile } from './content.js'
import { listFiles } from './list-files.js'
import { readFile } from './read-file.js'
import { removeFile } from './remove-file.js'
import { statFile } from './stat-file.js'
import { TempFiles } from './temp-files.js'
import { writeFile } from './write-file.js'

/** Says how long a call may go on. Its signal is made when it is first read, so only what can be stopped reads it. */
export interface Stoppable {
  readonly signal: AbortSignal
}

/** Serves the files below one root from open to close, and speaks of failures in the words of the contract. */
export class FileStore {
  readonly #settings: StorageSettings
  readonly #root: Root
  readonly #temps: TempFiles
  readonly #running = new Set<Promise<unknown>>()

  private constructor(settings: StorageSettings, root: Root, clock: Clock) {
    this.#settings = settings
    this.#root = root
    this.#temps = new TempFiles(clock)
  }

  /**
   * Opens the root.
   *
   * @throws AiosError `AIOS_INVALID_OPTION` if it is no directory and cannot be made one
   */
  static async open(settings: StorageSettings, clock: Clock): Promise<FileStore> {
    return new FileStore(settings, await openRoot(settings.root), clock)
  }

  /** Waits for the calls that run, then removes a temporary root. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running)
    await this.#root.dispose()
  }

  write(request: StorageWriteRequest, call: Stoppable): Promise<StorageEntry> {
    return this.#serve(request.path, (path) => {
      const bytes = encodeContent(request.content, { path, maxBytes: this.#settings.maxFileBytes })
      return writeFile(this.#root, { path, bytes, signal: call.signal, temps: this.#temps })
    })
  }

  read(request: StorageReadRequest): Promise<StorageFile> {
    return this.#serve(request.path, async (path) => {
      const file = await readFile(this.#root, { path, maxBytes: this.#settings.maxFileBytes })
      return request.encoding === 'bytes' ? { ...file.entry, content: file.bytes } : textFile(file)
    })
  }

  list(request: StorageListRequest, call: Stoppable): Promise<readonly StorageEntry[]> {
    const { path: from = '.', recursive = false } = request
    const { maxEntries } = this.#settings
    return this.#serve(from, (path) => listFiles(this.#root, { path, recursive, maxEntries, signal: call.signal }))
  }

  stat(request: StorageStatRequest): Promise<StorageEntry> {
    return this.#serve(request.path, (path) => statFile(this.#root, path))
  }

  remove(request: StorageRemoveRequest, call: Stoppable): Promise<StorageEntry> {
    const { recursive = false } = request
    return this.#serve(request.path, (path) => removeFile(this.#root, { path, recursive, signal: call.signal }))
  }

  async #serve<T>(text: string, work: (path: StoragePath) => Promise<T>): Promise<T> {
    const path = parsePath(text)
    const running = work(path)
    this.#running.add(running)
    try {
      return await running
    } catch (error) {
      throw storageFailure(error, path)
    } finally {
      this.#running.delete(running)
    }
  }
}
