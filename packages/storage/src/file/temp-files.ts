import { constants } from 'node:fs'
import { lstat, open, opendir, unlink, type FileHandle } from 'node:fs/promises'
import type { Clock } from '@aios/kernel'
import { errorCode } from '../error/storage-failure.js'
import type { Directory } from '../path/directory.js'
import type { Place } from '../path/place.js'
import { isTempName, tempName, tempPid } from '../path/temp-name.js'

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
/** Directories remembered as tidy; forgetting one costs a look at its names. */
const TIDY_DIRECTORIES = 1_000
/** Age at which a temporary file counts as left behind even if a process with the number of its writer runs. */
const ABANDONED_AFTER_MS = 3_600_000

/** Is a new file that nobody else can name. */
export interface TempFile {
  readonly name: string
  readonly handle: FileHandle
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) !== 'ESRCH'
  }
}

/**
 * Makes the files that writes go into before they take the place of their target, and tidies up what killed processes
 * left: once for each directory, when it is first written to.
 */
export class TempFiles {
  readonly #clock: Clock
  readonly #tidy = new Set<string>()
  #serial = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Makes an empty file in a directory.
   *
   * @param mode - permission bits, narrowed by the umask
   */
  async create(directory: Directory, mode: number): Promise<TempFile> {
    for (;;) {
      this.#serial += 1
      const name = tempName(process.pid, this.#serial)
      try {
        return { name, handle: await open(await directory.at(name), CREATE, mode) }
      } catch (error) {
        // Another storage of this process, or an earlier process of its number, has this name: take the next.
        if (errorCode(error) !== 'EEXIST') throw error
      }
    }
  }

  /** Removes what killed writers left in the directory of a place. */
  async tidy({ directory, directoryPath }: Place): Promise<void> {
    const key = directoryPath.join('/')
    if (this.#tidy.has(key)) return
    for await (const { name } of await opendir(await directory.at('.'))) {
      if (isTempName(name) && (await this.#isAbandoned(directory, name))) await discard(directory, name)
    }
    if (this.#tidy.size >= TIDY_DIRECTORIES) this.#tidy.clear()
    this.#tidy.add(key)
  }

  async #isAbandoned(directory: Directory, name: string): Promise<boolean> {
    if (!isAlive(tempPid(name)!)) return true
    try {
      const { mtimeMs } = await lstat(await directory.at(name))
      return this.#clock.now() - mtimeMs > ABANDONED_AFTER_MS
    } catch (error) {
      // Its writer has just finished.
      if (errorCode(error) === 'ENOENT') return false
      throw error
    }
  }
}

/**
 * Removes a temporary file. If it cannot be removed it stays, hidden: the error that made it useless is what its
 * writer must hear of, and a later writer tidies up.
 */
export async function discard(directory: Directory, name: string): Promise<void> {
  try {
    await unlink(await directory.at(name))
  } catch (error) {
    if (errorCode(error) === undefined) throw error
  }
}
