import { lstat } from 'node:fs/promises'
import type { StorageEntry } from '@aios/kernel/driver'
import { atPlace } from '../path/place.js'
import type { Root } from '../path/root.js'
import type { StoragePath } from '../path/storage-path.js'
import { certainEntry } from './entry.js'

/** Describes the file or directory that a path leads to. Errors of the system come as they are. */
export async function statFile(root: Root, path: StoragePath): Promise<StorageEntry> {
  return atPlace(root, { path }, async ({ directory, name }) => {
    return certainEntry(path, await lstat(await directory.at(name)))
  })
}
