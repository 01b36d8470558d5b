import { resolve } from 'node:path'
import { checkOptions, option, type DeviceLimits } from '@aios/kernel/driver'

/** Is what `embeddedStorage` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface EmbeddedStorageOptions {
  /** Name of the device in records and events. Default `embedded`. */
  readonly id?: string | undefined
  /** Bounds what the kernel sends to the device at once. */
  readonly limits?: DeviceLimits | undefined
  /**
   * Directory that holds the files; a relative one starts at the working directory, a missing one is made when the kernel
   * opens. Default: a fresh temporary directory, removed with all it holds when the kernel closes.
   */
  readonly root?: string | undefined
  /** Most bytes of a file, read or written: 1 to 268,435,456 (256 MiB). Default 67,108,864 (64 MiB). */
  readonly maxFileBytes?: number | undefined
  /** Most entries of one listing, a positive integer. Default 100,000; above it `list` rejects with `AIOS_QUOTA_EXCEEDED`. */
  readonly maxEntries?: number | undefined
}

/** Is {@link EmbeddedStorageOptions} with every default in its place. */
export interface StorageSettings {
  readonly id: string
  readonly limits: DeviceLimits | undefined
  /** Absolute; undefined asks for a temporary directory. */
  readonly root: string | undefined
  readonly maxFileBytes: number
  readonly maxEntries: number
}

const MAX_FILE_BYTES = 67_108_864
const MAX_ENTRIES = 100_000
/** A string of Node holds just over twice as many characters. */
const FILE_BYTES_CAP = 268_435_456

const isPath = (value: unknown): boolean => typeof value === 'string' && value !== '' && !value.includes('\0')

const OPTIONS = option.object({
  id: option.optional(option.name),
  limits: option.optional(option.record),
  root: option.optional(option.custom('a path', isPath)),
  maxFileBytes: option.optional(option.integer(1, FILE_BYTES_CAP)),
  maxEntries: option.optional(option.integer(1)),
})

/**
 * Checks options and fills in defaults.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key, a wrong type or a number out of range
 */
export function storageSettings(options: EmbeddedStorageOptions): StorageSettings {
  checkOptions('embeddedStorage()', options, OPTIONS)
  const { id = 'embedded', limits, root, maxFileBytes = MAX_FILE_BYTES, maxEntries = MAX_ENTRIES } = options
  return { id, limits, root: root === undefined ? undefined : resolve(root), maxFileBytes, maxEntries }
}
