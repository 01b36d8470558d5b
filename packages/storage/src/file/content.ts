import { AiosError, type StorageFile } from '@aios/kernel/driver'
import { tooLarge } from '../error/storage-failure.js'
import { pathText, type StoragePath } from '../path/storage-path.js'
import type { FileBytes } from './read-file.js'

/** Says what is encoded for which file. */
export interface Encoding {
  readonly path: StoragePath
  readonly maxBytes: number
}

/** Tells whether a text has no half characters; Node 20 has the method, its types are newer. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}

/**
 * Returns content as bytes of our own: what the caller does with a byte array afterwards changes nothing.
 *
 * @throws AiosError `AIOS_QUOTA_EXCEEDED` above `maxBytes`; `AIOS_INVALID_SYSCALL` for text that UTF-8 cannot hold
 */
export function encodeContent(content: string | Uint8Array, { path, maxBytes }: Encoding): Uint8Array {
  // A character takes at least one byte, so this is enough to refuse a huge text before it is encoded.
  if (content.length > maxBytes) throw tooLarge(path, maxBytes)
  if (typeof content !== 'string') return new Uint8Array(content)
  if (!isWellFormed(content)) {
    const where = JSON.stringify(pathText(path))
    throw new AiosError(
      'AIOS_INVALID_SYSCALL',
      `Expected text that UTF-8 can hold for ${where}, got half a character. Write such data as bytes.`,
    )
  }
  const bytes = new TextEncoder().encode(content)
  if (bytes.length > maxBytes) throw tooLarge(path, maxBytes)
  return bytes
}

/**
 * Returns a file with its bytes as text, exactly: a byte order mark stays.
 *
 * @throws AiosError `AIOS_UNSUPPORTED` if it is not UTF-8
 */
export function textFile({ entry, bytes }: FileBytes): StorageFile<'utf8'> {
  try {
    return { ...entry, content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    // The decoder only says that it failed.
    const message = `Expected UTF-8 text at ${JSON.stringify(entry.path)}, got other bytes. Read it with encoding: "bytes".`
    throw new AiosError('AIOS_UNSUPPORTED', message)
  }
}
