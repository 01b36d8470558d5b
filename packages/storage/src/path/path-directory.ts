import { lstat, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { systemError } from '../error/storage-failure.js'
import type { Directory } from './directory.js'

/**
 * Enters a directory by its path, on systems that show no paths for descriptors. Before each use it makes sure that no
 * link has taken the place of the directory or of one above it; a link put there between that and the use is not seen.
 *
 * @param path - absolute, without links
 */
export async function enterByPath(path: string): Promise<Directory> {
  if (!(await lstat(path)).isDirectory()) throw systemError('ENOTDIR')
  const at = async (name: string): Promise<string> => {
    if ((await realpath(path)) !== path) throw systemError('ELOOP')
    return join(path, name)
  }
  return { at, enter: async (name) => enterByPath(await at(name)), leave: async () => undefined }
}
