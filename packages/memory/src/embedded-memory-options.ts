import { AiosError, type DeviceLimits } from '@aios/kernel/driver'

/** Is what `embeddedMemory` takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface EmbeddedMemoryOptions {
  /** Name of the device in records and events. Default `embedded`. */
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

const KEYS: readonly string[] = ['id', 'limits', 'maxNotes']
const MAX_NOTES = 100_000

function refuse(expectation: string, got: string): never {
  throw new AiosError('AIOS_INVALID_OPTION', `Expected ${expectation} in embeddedMemory(), got ${got}.`)
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'number' ? String(value) : `a ${typeof value}`
}

/**
 * Checks options and fills in defaults.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown key, an empty id or a `maxNotes` that is no positive integer
 */
export function memorySettings(options: EmbeddedMemoryOptions): MemorySettings {
  const unknown = Object.keys(options).find((key) => !KEYS.includes(key))
  if (unknown !== undefined) refuse(`only ${KEYS.join(', ')}`, `the unknown key ${JSON.stringify(unknown)}`)
  const { id = 'embedded', limits, maxNotes = MAX_NOTES } = options
  if (typeof id !== 'string' || id === '') refuse('a name for "id"', shown(id))
  if (!Number.isSafeInteger(maxNotes) || maxNotes < 1) refuse('a positive integer for "maxNotes"', shown(maxNotes))
  return { id, limits, maxNotes }
}
