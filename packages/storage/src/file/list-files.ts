import { lstat, opendir } from 'node:fs/promises'
import { AiosError, type StorageEntry } from '@aios/kernel/driver'
import { errorCode, storageFailure } from '../error/storage-failure.js'
import type { Directory } from '../path/directory.js'
import { atPlace } from '../path/place.js'
import type { Root } from '../path/root.js'
import { isNameable, pathText, type StoragePath } from '../path/storage-path.js'
import { entryOf } from './entry.js'

/** Says what is listed. */
export interface Listing {
  readonly path: StoragePath
  readonly recursive: boolean
  readonly maxEntries: number
  /** Ends the listing early. */
  readonly signal: AbortSignal
}

/** Entries that are looked at side by side; more would keep other calls from the system's few threads. */
const SIDE_BY_SIDE = 16

interface Found {
  readonly entry: StorageEntry
  readonly path: StoragePath
  /** Whether a listing descends into it. A link to a directory is shown, not descended into, so no circle has an end to find. */
  readonly isOwnDirectory: boolean
}

/** Collects the entries below one directory. */
class Lister {
  readonly entries: StorageEntry[] = []
  readonly #root: Root
  readonly #listing: Listing
  #seen = 0

  constructor(root: Root, listing: Listing) {
    this.#root = root
    this.#listing = listing
  }

  async descend(directory: Directory, path: StoragePath): Promise<void> {
    this.#listing.signal.throwIfAborted()
    const names = await this.#namesIn(directory, path)
    const below: Found[] = []
    for (let at = 0; at < names.length; at += SIDE_BY_SIDE) {
      const batch = names.slice(at, at + SIDE_BY_SIDE).map((name) => this.#look(directory, [...path, name]))
      // All must have ended before an error may pass: they use a directory that is left right after.
      for (const result of await Promise.allSettled(batch)) {
        if (result.status === 'rejected') throw result.reason
        if (result.value !== undefined) below.push(result.value)
      }
    }
    for (const { entry, path: child, isOwnDirectory } of below) {
      this.entries.push(entry)
      if (this.#listing.recursive && isOwnDirectory) await this.#descendInto(directory, child)
    }
  }

  async #descendInto(directory: Directory, path: StoragePath): Promise<void> {
    let next: Directory
    try {
      next = await directory.enter(path.at(-1)!)
    } catch (error) {
      if (isGone(error)) return
      throw storageFailure(error, path)
    }
    try {
      await this.descend(next, path)
    } finally {
      await next.leave()
    }
  }

  async #namesIn(directory: Directory, path: StoragePath): Promise<string[]> {
    const names: string[] = []
    for await (const { name } of await opendir(await directory.at('.'))) {
      if (!isNameable([...path, name])) continue
      this.#seen += 1
      if (this.#seen > this.#listing.maxEntries) throw this.#tooMany()
      names.push(name)
    }
    return names
  }

  async #look(directory: Directory, path: StoragePath): Promise<Found | undefined> {
    try {
      const info = await lstat(await directory.at(path.at(-1)!))
      const entry = info.isSymbolicLink() ? await this.#lookThrough(path) : entryOf(path, info)
      return entry && { entry, path, isOwnDirectory: info.isDirectory() }
    } catch (error) {
      if (isGone(error)) return undefined
      throw storageFailure(error, path)
    }
  }

  /** Describes what a link leads to, if that is below the root. */
  async #lookThrough(path: StoragePath): Promise<StorageEntry | undefined> {
    try {
      return await atPlace(this.#root, { path }, async ({ directory, name }) => {
        return entryOf(path, await lstat(await directory.at(name)))
      })
    } catch (error) {
      if (isGone(error) || AiosError.is(error, 'AIOS_ACCESS_DENIED')) return undefined
      throw error
    }
  }

  #tooMany(): AiosError {
    const { path, maxEntries } = this.#listing
    const message = `Expected at most ${maxEntries} entries below ${JSON.stringify(pathText(path))}, got more.`
    return new AiosError('AIOS_QUOTA_EXCEEDED', `${message} List a smaller directory, or without recursive.`, {
      details: { maxEntries },
    })
  }
}

/** Tells whether an error means that an entry was removed or replaced while the listing went on. */
function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')
}

/**
 * Lists a directory, sorted by path. Files that are being written, names that no request could use, links that lead out
 * or nowhere, pipes, sockets and devices are not shown; entries that vanish meanwhile are left out.
 *
 * @throws AiosError `AIOS_QUOTA_EXCEEDED` for more than `maxEntries`; what `signal` says; errors of the system as they are
 */
export async function listFiles(root: Root, listing: Listing): Promise<readonly StorageEntry[]> {
  const lister = new Lister(root, listing)
  await atPlace(root, { path: listing.path }, async ({ directory, name }) => {
    const listed = await directory.enter(name)
    try {
      await lister.descend(listed, listing.path)
    } finally {
      await listed.leave()
    }
  })
  return lister.entries.sort((first, second) => (first.path < second.path ? -1 : 1))
}
