import { checkOptions, option, type DeviceLimits } from '@aios/kernel/driver'

/** Is what `embeddedMemory` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface EmbeddedMemoryOptions {
  /** Name of the device in records and events; whoever wants its notes again has to give it the same. Default `embedded`. */
  readonly id?: string | undefined
  /** Bounds what the kernel sends to the device at once. */
  readonly limits?: DeviceLimits | undefined
  /** Most notes over all namespaces, a positive integer. Default 100,000; beyond it `add` rejects with `AIOS_QUOTA_EXCEEDED`. */
  readonly maxNotes?: number | undefined
}

/** Is {@link EmbeddedMemoryOptions} with every default in its place. */
export interface MemorySettings {
  readonly id: string
  readonly limits: DeviceLimits | undefined
  readonly maxNotes: number
}

const OPTIONS = option.object({
  id: option.optional(option.name),
  limits: option.optional(option.record),
  maxNotes: option.optional(option.integer(1)),
})
const MAX_NOTES = 100_000

/**
 * Checks options and fills in defaults.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key, an empty id or a `maxNotes` that is no positive integer
 */
export function memorySettings(options: EmbeddedMemoryOptions): MemorySettings {
  checkOptions('embeddedMemory()', options, OPTIONS)
  const { id = 'embedded', limits, maxNotes = MAX_NOTES } = options
  return { id, limits, maxNotes }
}
