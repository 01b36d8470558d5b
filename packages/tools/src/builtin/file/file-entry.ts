import type { StorageEntry } from '@aios/kernel/driver'

/** Is a file or directory as the file tools show it. */
export interface FileEntry {
  /** Relative to the root. */
  readonly path: string
  readonly kind: 'file' | 'directory'
  /** Size in bytes; 0 for a directory. */
  readonly sizeBytes: number
  /** When it last changed, in UTC, such as `2030-01-31T12:00:00.000Z`. */
  readonly modifiedAt: string
}

/** Shows an entry of the storage the way a model reads it best. */
export function fileEntry({ path, kind, sizeBytes, modifiedAt }: StorageEntry): FileEntry {
  return { path, kind, sizeBytes, modifiedAt: new Date(modifiedAt).toISOString() }
}
