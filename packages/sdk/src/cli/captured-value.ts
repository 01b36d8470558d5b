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
  readonly code?: string
  readonly name?: string
  readonly message?: string
}

/** Returns a value that the journal keeps; an error as plain data. */
export function capturedValue(captured: Captured): unknown {
  if (captured.codec === 'x') return new Hidden(captured.why)
  if (captured.codec !== 'v') return captured.text === '' ? undefined : JSON.parse(captured.text)
  try {
    return deserialize(captured.bytes)
  } catch {
    // What Node of a newer version wrote: the rest of the run can still be shown.
    return new Hidden('unreadable')
  }
}

/** Returns what a call rejected with, as its parts; what was thrown and is no error stands in `value`. */
export function capturedError(captured: Captured): Hidden | StoredError {
  const stored = capturedValue(captured)
  return stored instanceof Hidden ? stored : (stored as StoredError)
}
