import { lstat, opendir, rmdir, unlink } from 'node:fs/promises'
import { AiosError, type StorageEntry } from '@aios/kernel/driver'
import { errorCode } from '../error/storage-failure.js'
import type { Directory } from '../path/directory.js'
import { atPlace } from '../path/place.js'
import type { Root } from '../path/root.js'
import type { StoragePath } from '../path/storage-path.js'
import { isTempName } from '../path/temp-name.js'
import { statFile } from './stat-file.js'
import { discard } from './temp-files.js'

/** Says what is removed. */
export interface Removing {
  readonly path: StoragePath
  readonly recursive: boolean
  /** Stops the removal before the next entry. */
  readonly signal: AbortSignal
}

/** Times that a directory is emptied again because something was put into it meanwhile. */
const TRIES = 5

/** Calls `visit` with every name in a directory while it is being emptied. */
async function eachName(
  parent: Directory,
  name: string,
  visit: (inside: Directory, entry: string) => Promise<void>,
): Promise<void> {
  const inside = await parent.enter(name)
  try {
    for await (const entry of await opendir(await inside.at('.'))) await visit(inside, entry.name)
  } finally {
    await inside.leave()
  }
}

async function removeAny(parent: Directory, name: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const path = await parent.at(name)
  if ((await lstat(path)).isDirectory()) await removeTree(parent, name, signal)
  else await unlink(path)
}

async function removeTree(parent: Directory, name: string, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await eachName(parent, name, async (inside, entry) => {
      try {
        await removeAny(inside, entry, signal)
      } catch (error) {
        // Somebody else removed it first.
        if (errorCode(error) !== 'ENOENT') throw error
      }
    })
    try {
      await rmdir(await parent.at(name))
      return
    } catch (error) {
      if (errorCode(error) !== 'ENOTEMPTY' || tries === TRIES) throw error
    }
  }
}

/** Removes a directory that looks empty to callers: leftovers of killed writers do not count. */
async function removeEmpty(parent: Directory, name: string): Promise<void> {
  try {
    await rmdir(await parent.at(name))
  } catch (error) {
    if (errorCode(error) !== 'ENOTEMPTY') throw error
    const temps: string[] = []
    await eachName(parent, name, async (_inside, entry) => {
      if (!isTempName(entry)) throw error
      temps.push(entry)
    })
    const inside = await parent.enter(name)
    try {
      for (const temp of temps) await discard(inside, temp)
    } finally {
      await inside.leave()
    }
    await rmdir(await parent.at(name))
  }
}

/**
 * Removes a file, a directory, or a link (never what it leads to). What a recursive removal took before it failed or was
 * stopped stays removed.
 *
 * @returns what was there; for a link, what it led to
 * @throws AiosError `AIOS_ACCESS_DENIED` for the root; what `signal` says; errors of the system as they are
 */
export async function removeFile(root: Root, { path, recursive, signal }: Removing): Promise<StorageEntry> {
  if (path.length === 0) {
    throw new AiosError(
      'AIOS_ACCESS_DENIED',
      'Expected a path below the root, got the root itself. Remove what is in it.',
    )
  }
  const entry = await statFile(root, path)
  await atPlace(root, { path, followLast: false }, async ({ directory, name }) => {
    const own = await directory.at(name)
    if (!(await lstat(own)).isDirectory()) await unlink(own)
    else if (recursive) await removeTree(directory, name, signal)
    else await removeEmpty(directory, name)
  })
  return entry
}
