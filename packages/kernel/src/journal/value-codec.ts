import { createHash, hash } from 'node:crypto'
import { AiosError } from '../error/aios-error.js'
import { RECORD_BOUNDS } from '../record/record-store.js'
import { readClone } from './clone-reader.js'
import { MOST_CLONE_LEVELS, writeClone } from './clone-writer.js'
import { decodeError, encodeError, type StoredError } from './error-codec.js'
import { JsonCheck } from './json-check.js'
import { writeWords } from './value-words.js'

/**
 * Is a value as the journal keeps it, taken the moment it was seen: whoever changes the value later does not change this.
 * `j`: JSON text. `v`: bytes of the structured clone algorithm. `e`: JSON text of an error. `x`: nothing, and why.
 */
export type Captured =
  | { readonly codec: 'j' | 'e'; readonly text: string }
  | { readonly codec: 'v'; readonly bytes: Uint8Array }
  | { readonly codec: 'x'; readonly why: 'redacted' | 'not-cloneable' | 'too-large' }

/** Stands for "no value": what a call without a request or a result has. */
export const NOTHING: Captured = { codec: 'j', text: '' }
/** Stands for a value that somebody asked to keep out. */
export const REDACTED = { codec: 'x', why: 'redacted' } as const satisfies Captured
const NOT_CLONEABLE: Captured = { codec: 'x', why: 'not-cloneable' }
const TOO_LARGE: Captured = { codec: 'x', why: 'too-large' }

/** Bytes of a value that is kept: what a store takes as one record, less what may stand before it there. */
export const MOST_BYTES = RECORD_BOUNDS.valueBytes - 1_048_576

/** Captures a value. One that cannot be copied is captured as such: it can be told of, not returned. */
export function capture(value: unknown): Captured {
  if (value === undefined) return NOTHING
  try {
    // A getter may throw.
    if (new JsonCheck().passes(value)) return bounded({ codec: 'j', text: JSON.stringify(value) })
    const bytes = writeClone(value)
    return bytes === undefined ? NOT_CLONEABLE : bounded({ codec: 'v', bytes })
  } catch {
    return NOT_CLONEABLE
  }
}

/** Captures what something rejected with. */
export function captureError(error: unknown): Captured {
  return bounded({ codec: 'e', text: JSON.stringify(encodeError(error)) })
}

/** What no store takes as one record is not kept. */
function bounded(captured: Exclude<Captured, { readonly codec: 'x' }>): Captured {
  return sizeOf(captured) <= MOST_BYTES ? captured : TOO_LARGE
}

function sizeOf(captured: Exclude<Captured, { readonly codec: 'x' }>): number {
  if (captured.codec === 'v') return captured.bytes.length
  // A character takes three bytes at most.
  const { length } = captured.text
  return length * 3 <= MOST_BYTES ? length : Buffer.byteLength(captured.text)
}

/**
 * Returns the value that was captured; a copy of its own at each call.
 *
 * @throws AiosError `AIOS_NOT_CLONEABLE` if it never could be copied, or was redacted
 */
export function restored(captured: Captured): unknown {
  switch (captured.codec) {
    case 'j':
      return captured.text === '' ? undefined : JSON.parse(captured.text)
    case 'v':
      return readClone(captured.bytes)
    case 'e':
      return decodeError(JSON.parse(captured.text) as StoredError)
    case 'x':
      throw new AiosError(
        'AIOS_NOT_CLONEABLE',
        `This value ${WHY[captured.why]}; a run can be read past it, not resumed or replayed past it.`,
        { details: { why: captured.why } },
      )
  }
}

const WHY = {
  redacted: 'was redacted from the journal',
  'not-cloneable': `held functions or handles, or was nested deeper than ${MOST_CLONE_LEVELS} levels, and could not be kept`,
  'too-large': `took more than ${MOST_BYTES} bytes and was not kept`,
} as const

/**
 * Names the content of a request, so that a call can be found again: the same content gives the same digest in every process
 * and version of Node, another content another one. Keys whose value is undefined do not count. Never throws.
 *
 * @returns 16 hexadecimal digits
 */
export function digestOf(captured: Captured): string {
  const digest = contentDigest(captured)
  if (digest !== undefined || captured.codec !== 'v') return digest ?? ''
  return short(createHash('sha256').update('bytes').update(captured.bytes).digest('hex'))
}

/** Names the content of a request as `digestOf` does; undefined for bytes that this version of Node cannot read. */
export function contentDigest(captured: Captured): string | undefined {
  if (captured.codec === 'x') return short(hash('sha256', captured.codec))
  return captured.codec === 'v' ? digestOfBytes(captured.bytes) : short(hash('sha256', captured.text))
}

/** Names a text of any length with 32 bytes, so that no two texts are known to have the same name. */
export function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Characters that are hashed at once. */
const HASHED_AT_ONCE = 65_536

function digestOfBytes(bytes: Uint8Array): string | undefined {
  let value: unknown
  try {
    value = readClone(bytes)
  } catch {
    // What Node of a newer version wrote.
    return undefined
  }
  const sha256 = createHash('sha256')
  let waiting = ''
  writeWords(value, (text) => {
    waiting += text
    if (waiting.length < HASHED_AT_ONCE) return
    sha256.update(waiting)
    waiting = ''
  })
  return short(sha256.update(waiting).digest('hex'))
}

function short(hex: string): string {
  return hex.slice(0, 16)
}
