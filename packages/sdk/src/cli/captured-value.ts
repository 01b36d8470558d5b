import { deserialize } from 'node:v8'
import type { Captured } from '@aios/kernel'

/** Returns a value that the journal keeps; for one that it could not keep, why. */
export function capturedValue(captured: Captured): unknown {
  if (captured.codec === 'x') return `(${captured.why})`
  if (captured.codec === 'v') return deserialize(captured.bytes)
  return captured.text === '' ? undefined : JSON.parse(captured.text)
}
