import type { Stats } from 'node:fs'
import type { StorageEntry } from '@aios/kernel/driver'
import { systemError } from '../error/storage-failure.js'
import { pathText, type StoragePath } from '../path/storage-path.js'

/** Describes what stands at a path, or returns undefined if it is neither a file nor a directory. */
export function entryOf(path: StoragePath, info: Stats): StorageEntry | undefined {
  if (!info.isFile() && !info.isDirectory()) return undefined
  const isFile = info.isFile()
  return {
    path: pathText(path),
    name: path.at(-1) ?? '.',
    kind: isFile ? 'file' : 'directory',
    sizeBytes: isFile ? info.size : 0,
    modifiedAt: info.mtimeMs,
  }
}

/**
 * Describes what stands at a path.
 *
 * @throws an error with code `ELOOP` for a link (one that took the place of what was looked up), `ENXIO` for a device,
 * socket or pipe
 */
export function certainEntry(path: StoragePath, info: Stats): StorageEntry {
  const entry = entryOf(path, info)
  if (entry === undefined) throw systemError(info.isSymbolicLink() ? 'ELOOP' : 'ENXIO')
  return entry
}
