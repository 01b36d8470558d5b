import { AiosError, type ErrorCode } from '@aios/kernel/driver'
import { pathText, type StoragePath } from '../path/storage-path.js'

interface Meaning {
  readonly code: ErrorCode
  readonly text: string
}

/** Says what an error of the operating system means to a caller who knows nothing of the host. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ENOENT: { code: 'AIOS_NOT_FOUND', text: 'there is nothing; storage.list shows what there is' },
  ENOSPC: { code: 'AIOS_QUOTA_EXCEEDED', text: 'the disk is full' },
  EDQUOT: { code: 'AIOS_QUOTA_EXCEEDED', text: 'the disk quota is used up' },
  EFBIG: { code: 'AIOS_QUOTA_EXCEEDED', text: 'the file system takes no file as large' },
  EACCES: { code: 'AIOS_ACCESS_DENIED', text: 'the operating system does not permit it' },
  EPERM: { code: 'AIOS_ACCESS_DENIED', text: 'the operating system does not permit it' },
  EROFS: { code: 'AIOS_ACCESS_DENIED', text: 'the file system is read-only' },
  ELOOP: { code: 'AIOS_ACCESS_DENIED', text: 'a link stands where a file or directory was' },
  EISDIR: { code: 'AIOS_INVALID_SYSCALL', text: 'there is a directory; name a file in it' },
  ENOTDIR: { code: 'AIOS_INVALID_SYSCALL', text: 'a file stands where a directory is needed' },
  ENOTEMPTY: { code: 'AIOS_INVALID_SYSCALL', text: 'the directory is not empty; pass recursive: true' },
  ENAMETOOLONG: { code: 'AIOS_INVALID_SYSCALL', text: 'a name is too long; most systems take 255 bytes' },
  ENXIO: { code: 'AIOS_INVALID_SYSCALL', text: 'there is neither a file nor a directory' },
}

/** Returns the code of an error, such as `ENOENT`, or undefined if it has none. */
export function errorCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** Makes an error as the operating system would report it. */
export function systemError(code: keyof typeof MEANINGS): Error {
  return Object.assign(new Error(code), { code })
}

/**
 * Translates what a call to the operating system threw. Neither messages nor causes carry a path of the host: the system's
 * own error names one, so it is replaced, and its code kept in `details`. What is not of the system passes untouched.
 *
 * @param path - the path of the request
 */
export function storageFailure(error: unknown, path: StoragePath): unknown {
  const errno = errorCode(error)
  if (errno === undefined || AiosError.is(error)) return error
  const where = JSON.stringify(pathText(path))
  const meaning = MEANINGS[errno]
  if (meaning !== undefined) {
    return new AiosError(meaning.code, `Storage cannot do this at ${where}: ${meaning.text}.`, { details: { errno } })
  }
  const isSystem = error instanceof Error && 'syscall' in error
  return isSystem ? Object.assign(new Error(`Storage failed at ${where} with ${errno}.`), { code: errno }) : error
}

/** Makes the error for a file that is larger than the storage takes. */
export function tooLarge(path: StoragePath, maxBytes: number): AiosError {
  const message = `Expected at most ${maxBytes} bytes at ${JSON.stringify(pathText(path))}, got more.`
  return new AiosError('AIOS_QUOTA_EXCEEDED', `${message} "maxFileBytes" of embeddedStorage() sets the bound.`, {
    details: { maxBytes },
  })
}
