import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AiosError } from '@aios/kernel/driver'
import { errorCode } from '../error/storage-failure.js'
import { enterByDescriptor, hasDescriptorPaths } from './descriptor-directory.js'
import type { Directory } from './directory.js'
import { enterByPath } from './path-directory.js'

/** Is the directory that a storage lives in. */
export interface Root {
  /** Absolute, without links. */
  readonly path: string
  /** The same directory as its owner spelt it; absolute links below may be written either way. */
  readonly alias: string
  /** Enters the directory anew, so that a root that was removed and made again serves again. */
  enter(): Promise<Directory>
  /** Removes the directory with all it holds if it is a temporary one. */
  dispose(): Promise<void>
}

async function existing(root: string): Promise<string> {
  try {
    await mkdir(root, { recursive: true })
    return await realpath(root)
  } catch (cause) {
    const why = String(errorCode(cause))
    throw new AiosError('AIOS_INVALID_OPTION', `Expected a directory for "root", got ${why} when opening it.`, {
      cause,
    })
  }
}

/**
 * Opens the root of a storage.
 *
 * @param root - an absolute path, made if it is missing; undefined makes a fresh temporary directory
 * @throws AiosError `AIOS_INVALID_OPTION` if there is a file, or the system forbids it
 */
export async function openRoot(root: string | undefined): Promise<Root> {
  const alias = root ?? (await mkdtemp(join(tmpdir(), 'aios-')))
  const path = await existing(alias)
  const hasDescriptors = await hasDescriptorPaths(path)
  return {
    path,
    alias,
    enter: () => (hasDescriptors ? enterByDescriptor(path) : enterByPath(path)),
    dispose: async () => {
      if (root === undefined) await rm(path, { recursive: true, force: true })
    },
  }
}
