import { AiosError } from '@aios/kernel/driver'
import { statfs } from 'node:fs/promises'

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG']
/** What LMDB gives as numbers: those three of the system, and its own for a full map. */
const FULL_NUMBERS = [28, 122, 27, -30_792]
/** What LMDB gives for a write that the system cut short: most often there was no room for the rest of it. */
const CUT_NUMBER = 5
/** Bytes below which a disk has no room for a commit. */
const LEAST_ROOM = 65_536
const DAMAGED_NUMBERS = [-30_797, -30_796, -30_793]

/** Returns what LMDB, or the system below it, threw; of a failed commit the reason, which comes on a promise of its own. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error
  return Promise.resolve(error.commitError).then(
    () => error,
    (reason: unknown) => reason,
  )
}

/** Tells how many bytes there is room for where a directory is; undefined where nobody can say. */
export type RoomOf = (dir: string) => Promise<number | undefined>

const roomOf: RoomOf = async (dir) => {
  try {
    const { blocks, bavail, bsize } = await statfs(dir)
    return blocks === 0 ? undefined : bavail * bsize
  } catch {
    // The failure that is being looked into is the one to report.
    return undefined
  }
}

async function isFull(code: unknown, dir: string, room: RoomOf): Promise<boolean> {
  if (FULL.includes(code as string) || FULL_NUMBERS.includes(code as number)) return true
  return code === CUT_NUMBER && ((await room(dir)) ?? LEAST_ROOM) < LEAST_ROOM
}

/** Translates what LMDB or the system threw into an error of this library; such an error itself passes untouched. */
export async function lmdbFailure(error: unknown, dir: string, room: RoomOf = roomOf): Promise<AiosError> {
  const cause = await reasonOf(error)
  if (AiosError.is(cause)) return cause
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const text = cause instanceof Error ? cause.message : String(cause)
  const at = `in "${dir}"`
  if (await isFull(code, dir, room))
    return new AiosError(
      'AIOS_QUOTA_EXCEEDED',
      `Expected room for a write ${at}, got none; free some and write again.`,
      {
        cause,
        details: { dir },
      },
    )
  if (DAMAGED_NUMBERS.includes(code as number))
    return new AiosError(
      'AIOS_CORRUPT',
      `Expected the pages of a record store ${at}, got others: ${text}; close it, and open it again to have it checked.`,
      {
        cause,
        details: { dir },
      },
    )
  return unavailable(dir, text, cause)
}

/** Makes the error for a store that cannot be used now. */
export function unavailable(dir: string, why: string, cause?: unknown): AiosError {
  return new AiosError('AIOS_STORE_UNAVAILABLE', `Expected a record store that can be used in "${dir}", got: ${why}.`, {
    details: { dir },
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Makes the error for a directory whose bytes are not what this library wrote. */
export function corruptStore(dir: string, found: string): AiosError {
  return new AiosError('AIOS_CORRUPT', `Expected a record store in "${dir}", got ${found}. Nothing was changed.`, {
    details: { dir },
  })
}
