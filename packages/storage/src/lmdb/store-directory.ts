import { AiosError } from '@aios/kernel/driver'
import { link, mkdir, mkdtemp, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errorCode } from '../error/storage-failure.js'
import { checkStore, mainTree } from './check-store.js'
import { DataFile, FileFault, readMeta, readMetaBytes } from './data-file.js'
import { GATE } from './gate.js'
import { corruptStore, unavailable } from './lmdb-failure.js'
import type { LmdbSettings } from './lmdb-options.js'
import { findInTree } from './page-tree.js'
import { unpackRecord } from './record-format.js'
import { FORMAT_KEY, schemaIn } from './store-schema.js'

const DATA = 'data.mdb'
/** Begins the names of directories in which a store is made, before it takes its place whole. */
const MAKING = 'new-'
/** Times that a look is begun anew because another process writes. */
const TRIES = 50
const VERSION_BYTES = 8
/** What LMDB adds to the flags of a tree whose values begin with a version, and of one whose keys are numbers. */
const MAIN_FLAGS = 0x100
const FREE_FLAGS = 8

/** Is what a directory was found to hold. */
export interface FoundStore {
  readonly schema: number
  /** Keys whose records are not those that were written. */
  readonly damaged: readonly Buffer[]
}

/**
 * Looks at a directory before LMDB gets it; changes nothing.
 *
 * @returns undefined if there is no store yet
 * @throws AiosError `AIOS_CORRUPT` for what is not, or no longer, a record store; `AIOS_STORE_UNAVAILABLE` for what cannot be
 *   looked at
 */
export async function findStore(settings: LmdbSettings): Promise<FoundStore | undefined> {
  const { dir } = settings
  const names = await namesIn(dir)
  if (names === undefined) return undefined
  if (!names.includes(DATA)) {
    const others = names.filter((name) => name !== GATE && !name.startsWith(MAKING))
    if (others.length === 0) return undefined
    throw corruptStore(dir, `no ${DATA}, but ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}`)
  }
  const file = await opened(dir)
  try {
    return await look(file, settings)
  } catch (error) {
    throw error instanceof FileFault ? corruptStore(dir, error.message) : systemFailure(error, dir)
  } finally {
    await file.close()
  }
}

async function namesIn(dir: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(dir)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw systemFailure(error, dir)
  }
}

async function opened(dir: string): Promise<FileHandle> {
  try {
    const { isFile } = await stat(join(dir, DATA)).then((found) => ({ isFile: found.isFile() }))
    if (!isFile) throw corruptStore(dir, `a ${DATA} that is no file`)
    return await open(join(dir, DATA), 'r')
  } catch (error) {
    throw systemFailure(error, dir)
  }
}

/** Looks, at a header until nothing was written meanwhile: where there is no gate yet, somebody may be about to make one. */
async function look(file: FileHandle, { dir, check }: LmdbSettings): Promise<FoundStore> {
  for (let tried = 1; ; tried += 1) {
    const before = await readMetaBytes(file)
    try {
      return await lookOnce(file, dir, check === 'tree')
    } catch (error) {
      if (tried >= TRIES || before.equals(await readMetaBytes(file))) throw error
    }
  }
}

async function lookOnce(file: FileHandle, dir: string, isDeep: boolean): Promise<FoundStore> {
  const { size } = await file.stat()
  const meta = await readMeta(file, size)
  const { main, free, lastPage, pageBytes } = meta
  if (main.flags !== MAIN_FLAGS || free.flags !== FREE_FLAGS || main.pad !== 0)
    throw corruptStore(dir, 'an LMDB database that this library did not write')
  const data = new DataFile(file, size, pageBytes)
  const key = Buffer.concat([FORMAT_KEY.prefix.bytes, FORMAT_KEY.key])
  const stored = await findInTree(mainTree(data, meta), key)
  const value = stored && unpackRecord(FORMAT_KEY, stored.readDoubleLE(), { bytes: stored.subarray(VERSION_BYTES) })
  const schema = value && schemaIn(value)
  if (schema === undefined) throw corruptStore(dir, 'an LMDB database that this library did not write')
  return { schema, damaged: isDeep ? await checkStore(data, meta) : checkEnd(lastPage * pageBytes, size) }
}

/** Without a look at the tree, a file that ends early is found only by its length. */
function checkEnd(lastPageAt: number, size: number): readonly Buffer[] {
  if (size < lastPageAt) throw new FileFault(`a file of ${size} bytes, which ends before its last page`)
  return []
}

/** Makes a directory with its parents, each once: the recursive way of Node never ends where the system makes none. */
async function makeDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(dir) === dir) throw error
    await makeDirectory(dirname(dir))
    await mkdir(dir).catch((again: unknown) => {
      if (errorCode(again) !== 'EEXIST') throw again
    })
  }
}

/**
 * Makes a store aside and gives it its place at once, so that nobody ever sees half of one. If another process was faster,
 * its store stays.
 *
 * @param fill - writes the store into a directory, and closes it
 */
export async function makeStore(dir: string, fill: (dir: string) => Promise<void>): Promise<void> {
  try {
    await makeDirectory(dir)
    const aside = await mkdtemp(join(dir, MAKING))
    try {
      await fill(aside)
      await link(join(aside, DATA), join(dir, DATA))
    } catch (error) {
      if (!(await readdir(dir)).includes(DATA)) throw error
    } finally {
      await rm(aside, { recursive: true, force: true })
    }
  } catch (error) {
    throw systemFailure(error, dir)
  }
}

/**
 * Makes the directory that a backup is written into.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` if something is in it
 */
export async function makeTarget(dir: string): Promise<void> {
  try {
    await makeDirectory(dir)
    if ((await readdir(dir)).length > 0)
      throw new AiosError(
        'AIOS_INVALID_OPTION',
        `Expected an empty directory for a backup, got "${dir}"; name a new one.`,
      )
  } catch (error) {
    throw systemFailure(error, dir)
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'there is a file where a directory is needed; name another',
  EEXIST: 'there is a file where a directory is needed; name another',
  EACCES: 'the system does not permit it; change the permissions, or name another directory',
  EPERM: 'the system does not permit it; change the permissions, or name another directory',
  EROFS: 'its file system is read-only; pass "readOnly", or name another directory',
}

/** Translates what the system said about a directory; what is translated passes untouched. */
function systemFailure(error: unknown, dir: string): unknown {
  if (AiosError.is(error)) return error
  const code = errorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new AiosError('AIOS_QUOTA_EXCEEDED', `Expected room for a record store in "${dir}", got a full disk.`, {
      cause: error,
    })
  return unavailable(
    dir,
    (code !== undefined && ADVICE[code]) || (error instanceof Error ? error.message : String(error)),
    error,
  )
}
