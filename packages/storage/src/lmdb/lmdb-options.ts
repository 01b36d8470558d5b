import { AiosError, checkOptions, option, type Durability } from '@aios/kernel/driver'
import { resolve } from 'node:path'

/** Configures `lmdbRecords`. Unknown keys are rejected. */
export interface LmdbRecordsOptions {
  /**
   * What an acknowledged write survives. Default `process`: the kill of the process. The operating system writes to the disk
   * when it pleases; a loss of power can then take the last seconds, and leave a directory that no longer opens. `power`
   * waits for the disk with each commit: also the loss of power is survived, at a small part of the speed. All who
   * write to a directory at a time must want the same, in whatever process.
   */
  readonly durability?: Exclude<Durability, 'none'> | undefined
  /** Reads a directory that is there, and writes nothing into its data; writes reject. Default false. */
  readonly readOnly?: boolean | undefined
  /**
   * What is looked at before LMDB, whose code trusts its file, gets it. `tree` (default): all pages that lead to records,
   * and all keys; about two seconds a gigabyte of small records; only the first pages beside another process that writes, which
   * looked before. `header`: only the first pages, at once. A bit that fell over elsewhere can then hide records, or end the process.
   */
  readonly check?: 'tree' | 'header' | undefined
  /**
   * Read transactions at once: two for each process, one for each object, and one for each `export` or `size` under way. That of the
   * first process holds for all. Default 126.
   */
  readonly maxReaders?: number | undefined
}

/** Holds the options with their defaults. */
export interface LmdbSettings {
  readonly dir: string
  readonly durability: Exclude<Durability, 'none'>
  readonly readOnly: boolean
  readonly check: 'tree' | 'header'
  readonly maxReaders: number
}

const OPTIONS = option.object({
  durability: option.optional(option.oneOf('process', 'power')),
  readOnly: option.optional(option.boolean),
  check: option.optional(option.oneOf('tree', 'header')),
  maxReaders: option.optional(option.integer(2, 4_096)),
})

/** Checks what `lmdbRecords` was given and fills in the defaults. */
export function lmdbSettings(dir: string, options: LmdbRecordsOptions): LmdbSettings {
  checkOptions('lmdbRecords()', options, OPTIONS)
  if (typeof dir !== 'string' || dir === '' || dir.includes('\0'))
    throw new AiosError(
      'AIOS_INVALID_OPTION',
      'Expected the path of a directory as the first argument of lmdbRecords().',
    )
  const { durability = 'process', readOnly = false, check = 'tree', maxReaders = 126 } = options
  return { dir: resolve(dir), durability, readOnly, check, maxReaders }
}
