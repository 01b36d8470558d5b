import { AiosError } from '../error/aios-error.js'

/** Is which record an error is about, and what else belongs to it. */
export interface RecordFault {
  readonly space: string
  readonly key: Uint8Array
  /** What came from beneath. */
  readonly cause?: unknown
}

/** Makes the errors that every record store rejects with; their `details` name space and key. */
export const recordFailure = {
  /**
   * Says that a condition does not hold.
   *
   * @param wanted - the version that was asked for, 0 for none
   * @param found - the version that is there, 0 for none
   */
  conflict({ space, key }: RecordFault, wanted: number, found: number): AiosError {
    return new AiosError(
      'AIOS_VERSION_CONFLICT',
      `Expected ${stateOf(wanted)} of record ${shown(key)} in space "${space}", got ${stateOf(found)}; read it again.`,
      { details: { space, key, wanted, found } },
    )
  },
  /** Says that a record was changed behind the store's back. */
  corrupt({ space, key, cause }: RecordFault): AiosError {
    return new AiosError(
      'AIOS_CORRUPT',
      `Expected record ${shown(key)} in space "${space}" as it was written, got other bytes; put it again, or remove it.`,
      { details: { space, key }, ...(cause === undefined ? {} : { cause }) },
    )
  },
} as const

function stateOf(version: number): string {
  return version === 0 ? 'no version' : `version ${version}`
}

/** Shows a key as text where all of it is, else as hexadecimal digits; never more than a line of it. */
function shown(key: Uint8Array): string {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.byteLength)
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
  const text = isText ? bytes.toString('latin1', 0, 64) : bytes.toString('hex', 0, 32)
  return `"${text}${key.byteLength > (isText ? 64 : 32) ? '…' : ''}"`
}
