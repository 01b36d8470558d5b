import { constants } from 'node:fs'
import { open, readlink, type FileHandle } from 'node:fs/promises'
import type { Directory } from './directory.js'

const ENTER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

const pathOf = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`

/**
 * Enters a directory by an open descriptor and reaches its entries through `/proc/self/fd`, which is to Node what
 * `openat` is to C: whoever renames or replaces the path meanwhile changes nothing, so there is no moment to attack.
 *
 * @param path - a directory that is no link
 */
export async function enterByDescriptor(path: string): Promise<Directory> {
  const handle = await open(path, ENTER)
  const at = (name: string): string => `${pathOf(handle)}/${name}`
  return {
    at: async (name) => at(name),
    enter: (name) => enterByDescriptor(at(name)),
    leave: () => handle.close(),
  }
}

/**
 * Tells whether this system shows open descriptors below `/proc/self/fd`, as Linux does.
 *
 * @param directory - any directory, without links
 */
export async function hasDescriptorPaths(directory: string): Promise<boolean> {
  const handle = await open(directory, constants.O_RDONLY)
  try {
    return (await readlink(pathOf(handle))) === directory
  } catch {
    // Whatever keeps the link from being read, the answer is the same: this way is not open.
    return false
  } finally {
    await handle.close()
  }
}
