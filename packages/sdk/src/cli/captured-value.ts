import { deserialize } from 'node:v8'
import type { Captured } from '@aios/kernel'

/** Stands for a value that the journal does not give back. */
export class Hidden {
  /** Why: `redacted`, `not-cloneable`, or `unreadable` for bytes of another version of Node. */
  readonly hidden: string

  constructor(why: string) {
    this.hidden = why
  }
}

/** Is what the journal keeps of what was thrown. */
interface StoredError {
  readonly kind?: unknown
  readonly value?: unknown
  /** Such a value where JSON has none like it: the structured clone algorithm's, in base64. */
  readonly bytes?: string
  readonly cause?: StoredError
  readonly errors?: readonly StoredError[]
  readonly code?: string
  readonly name?: string
  readonly message?: string
}

/** Returns a value that the journal keeps; an error as plain data. */
export function capturedValue(captured: Captured): unknown {
  switch (captured.codec) {
    case 'x':
      return new Hidden(captured.why)
    case 'v':
      return cloned(captured.bytes)
    case 'j':
      return captured.text === '' ? undefined : (JSON.parse(captured.text) as unknown)
    case 'e':
      return partsOf(JSON.parse(captured.text) as StoredError)
  }
}

/** Returns what a call rejected with, as its parts; what was thrown and is no error stands in `value`. */
export function capturedError(captured: Captured): Hidden | StoredError {
  const stored = capturedValue(captured)
  return stored instanceof Hidden ? stored : (stored as StoredError)
}

function cloned(bytes: Uint8Array): unknown {
  try {
    return deserialize(bytes)
  } catch {
    // What Node of a newer version wrote: the rest of the run can still be shown.
    return new Hidden('unreadable')
  }
}

function partsOf({ bytes, cause, errors, ...told }: StoredError): StoredError {
  return {
    ...told,
    ...(bytes !== undefined && { value: cloned(Buffer.from(bytes, 'base64')) }),
    ...(cause !== undefined && { cause: partsOf(cause) }),
    ...(errors !== undefined && { errors: errors.map(partsOf) }),
  }
}
