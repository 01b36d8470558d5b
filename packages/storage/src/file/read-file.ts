import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { StorageEntry } from '@aios/kernel/driver'
import { systemError, tooLarge } from '../error/storage-failure.js'
import { atPlace } from '../path/place.js'
import type { Root } from '../path/root.js'
import type { StoragePath } from '../path/storage-path.js'
import { certainEntry } from './entry.js'

/** Says which file is read, and how much of it at most. */
export interface Reading {
  readonly path: StoragePath
  readonly maxBytes: number
}

/** Is a file with its bytes. */
export interface FileBytes {
  readonly entry: StorageEntry
  readonly bytes: Uint8Array
}

/** Opening a pipe would wait for its other end; this makes it return at once, so that it can be told from a file. */
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

async function bytesOf(handle: FileHandle, sizeBytes: number, reading: Reading): Promise<Uint8Array> {
  // One byte more than the file has, so that a file that grows meanwhile is noticed.
  let buffer = new Uint8Array(sizeBytes + 1)
  let length = 0
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length)
    if (bytesRead === 0) return buffer.slice(0, length)
    length += bytesRead
    if (length > reading.maxBytes) throw tooLarge(reading.path, reading.maxBytes)
    if (length < buffer.length) continue
    const larger = new Uint8Array(Math.min(buffer.length * 2, reading.maxBytes + 1))
    larger.set(buffer)
    buffer = larger
  }
}

/**
 * Reads a whole file. As files are replaced and never written in place, what it returns was the content at one moment.
 *
 * @throws AiosError `AIOS_QUOTA_EXCEEDED` for a file above `maxBytes`; errors of the system as they are
 */
export async function readFile(root: Root, reading: Reading): Promise<FileBytes> {
  return atPlace(root, { path: reading.path }, async ({ directory, name }) => {
    const handle = await open(await directory.at(name), READ)
    try {
      const entry = certainEntry(reading.path, await handle.stat())
      if (entry.kind === 'directory') throw systemError('EISDIR')
      if (entry.sizeBytes > reading.maxBytes) throw tooLarge(reading.path, reading.maxBytes)
      const bytes = await bytesOf(handle, entry.sizeBytes, reading)
      return { entry: { ...entry, sizeBytes: bytes.length }, bytes }
    } finally {
      await handle.close()
    }
  })
}
