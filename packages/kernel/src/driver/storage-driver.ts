import type { BatchRow } from '../scheduler/batch/batch-row.js'
import type { DriverBase, DriverCall } from './device-driver.js'

/** Describes a file or directory. Paths are relative to the root, with `/`, without a leading one; the root is `.`. */
export interface StorageEntry {
  readonly path: string
  /** Last segment of the path. */
  readonly name: string
  readonly kind: 'file' | 'directory'
  /** Size in bytes; 0 for a directory. */
  readonly sizeBytes: number
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number
}

/** Is what `storage.write` takes. Missing parent directories are made; an existing file is replaced as a whole. */
export interface StorageWriteRequest {
  readonly path: string
  readonly content: string | Uint8Array
}

/** Says how a file is read: as UTF-8 text (default) or as bytes. */
export type StorageEncoding = 'utf8' | 'bytes'

/** Is what `storage.read` takes. */
export interface StorageReadRequest<E extends StorageEncoding = StorageEncoding> {
  readonly path: string
  /** Default `utf8`; a file that is not valid UTF-8 then rejects with `AIOS_UNSUPPORTED`. */
  readonly encoding?: E | undefined
}

/** Is a file with its content: a string for `utf8`, a `Uint8Array` for `bytes`. */
export interface StorageFile<E extends StorageEncoding = StorageEncoding> extends StorageEntry {
  readonly content: E extends 'bytes' ? Uint8Array : string
}

/** Is what `storage.list` takes. Entries come sorted by path. */
export interface StorageListRequest {
  /** Directory to list. Default `.`, the root. */
  readonly path?: string | undefined
  /** Whether to descend. Default false. Symbolic links are never followed out of the root. */
  readonly recursive?: boolean | undefined
}

/** Is what `storage.stat` takes. */
export interface StorageStatRequest {
  readonly path: string
}

/** Is what `storage.remove` takes. */
export interface StorageRemoveRequest {
  readonly path: string
  /** Whether a directory that is not empty may go. Default false: such a call rejects with `AIOS_INVALID_SYSCALL`. */
  readonly recursive?: boolean | undefined
}

/**
 * Keeps files below one root. Nothing outside the root can be named: `..`, absolute paths, drive letters and symbolic
 * links that lead out reject with `AIOS_ACCESS_DENIED`, NUL with `AIOS_INVALID_SYSCALL`. A missing path is `AIOS_NOT_FOUND`.
 * A reader sees a file either as it was or as it is after a write, never half of it.
 */
export interface StorageDriver extends DriverBase {
  readonly kind: 'storage'
  readonly batches?:
    | {
        readonly 'storage.write'?: BatchRow<StorageWriteRequest, StorageEntry> | undefined
        readonly 'storage.read'?: BatchRow<StorageReadRequest, StorageFile> | undefined
        readonly 'storage.list'?: BatchRow<StorageListRequest, readonly StorageEntry[]> | undefined
        readonly 'storage.stat'?: BatchRow<StorageStatRequest, StorageEntry> | undefined
        readonly 'storage.remove'?: BatchRow<StorageRemoveRequest, StorageEntry> | undefined
      }
    | undefined
  write(request: StorageWriteRequest, call: DriverCall): StorageEntry | Promise<StorageEntry>
  read(request: StorageReadRequest, call: DriverCall): StorageFile | Promise<StorageFile>
  list(request: StorageListRequest, call: DriverCall): readonly StorageEntry[] | Promise<readonly StorageEntry[]>
  stat(request: StorageStatRequest, call: DriverCall): StorageEntry | Promise<StorageEntry>
  /** Returns what was removed. */
  remove(request: StorageRemoveRequest, call: DriverCall): StorageEntry | Promise<StorageEntry>
}
