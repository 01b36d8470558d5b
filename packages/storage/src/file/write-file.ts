import { constants, type Stats } from 'node:fs'
import { access, lstat, rename } from 'node:fs/promises'
import type { StorageEntry } from '@aios/kernel/driver'
import { errorCode, systemError } from '../error/storage-failure.js'
import { atPlace, type Place } from '../path/place.js'
import type { Root } from '../path/root.js'
import type { StoragePath } from '../path/storage-path.js'
import { certainEntry } from './entry.js'
import { discard, type TempFile, type TempFiles } from './temp-files.js'

/** Says what is written where. */
export interface Writing {
  readonly path: StoragePath
  readonly bytes: Uint8Array
  /** Keeps the old content if it aborts before the new one is complete. */
  readonly signal: AbortSignal
  readonly temps: TempFiles
}

/** Times that a write starts over because its directory was removed under it. */
const TRIES = 5
const NEW_FILE_MODE = 0o666
const PERMISSIONS = 0o777

/** Returns the permissions of the file to be replaced, or undefined if there is none yet. */
async function replacedMode({ directory, name }: Place, path: StoragePath): Promise<number | undefined> {
  const target = await directory.at(name)
  let info: Stats
  try {
    info = await lstat(target)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
  if (certainEntry(path, info).kind === 'directory') throw systemError('EISDIR')
  // Renaming would replace a read-only file without asking.
  await access(target, constants.W_OK)
  return info.mode & PERMISSIONS
}

async function fill({ handle }: TempFile, bytes: Uint8Array, mode: number | undefined): Promise<Stats> {
  try {
    await handle.writeFile(bytes)
    const info = await handle.stat()
    // The umask took bits away, or it did not: file systems without permissions refuse to change what is right.
    if (mode !== undefined && (info.mode & PERMISSIONS) !== mode) await handle.chmod(mode)
    return info
  } finally {
    await handle.close()
  }
}

async function replace(place: Place, { path, bytes, signal, temps }: Writing): Promise<StorageEntry> {
  const { directory, name } = place
  const mode = await replacedMode(place, path)
  await temps.tidy(place)
  const temp = await temps.create(directory, mode ?? NEW_FILE_MODE)
  try {
    const info = await fill(temp, bytes, mode)
    signal.throwIfAborted()
    await rename(await directory.at(temp.name), await directory.at(name))
    return certainEntry(path, info)
  } catch (error) {
    await discard(directory, temp.name)
    throw error
  }
}

/**
 * Replaces or creates a file at once: readers see the old content or the new, of one of several writers, and nothing in
 * between. Missing directories are made; permissions of a replaced file stay.
 *
 * @throws what `signal` says if it aborts in time; errors of the system as they are
 */
export async function writeFile(root: Root, writing: Writing): Promise<StorageEntry> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await atPlace(root, { path: writing.path, create: true }, (place) => replace(place, writing))
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || tries === TRIES) throw error
    }
  }
}
