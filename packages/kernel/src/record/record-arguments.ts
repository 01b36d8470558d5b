import { AiosError } from '../error/aios-error.js'
import { expected } from '../error/describe.js'
import { checkOptions, option, type OptionField } from '../option/check-options.js'
import { signalOption } from '../syscall/syscall-options.js'
import {
  RECORD_BOUNDS,
  type RecordCondition,
  type RecordRange,
  type RecordWatch,
  type RecordWrite,
} from './record-store.js'

const SPACE = /^[a-z0-9-]+(\/[a-z0-9-]+)*$/
const SPACE_IS = `lower-case words of letters, digits and dashes, parted by "/", at most ${RECORD_BOUNDS.spaceChars} characters`

const version = option.integer(0)
const bound: OptionField = (value, path) => (isKey(value) ? undefined : wrongBytes(path, value, KEY_IS))
const KEY_IS = `a Uint8Array of 1 to ${RECORD_BOUNDS.keyBytes} bytes`
const VALUE_IS = `a Uint8Array of at most ${RECORD_BOUNDS.valueBytes} bytes`

const CONDITION = option.object({ ifVersion: option.optional(version) })
const RANGE = option.object({
  from: option.optional(bound),
  to: option.optional(bound),
  reverse: option.optional(option.boolean),
  limit: option.optional(option.integer(1)),
})
const WATCH = option.object({
  space: option.optional(option.custom(SPACE_IS, isSpace)),
  signal: option.optional(signalOption),
})
/** What the checks of space, key and value say is told by them. */
const anything: OptionField = () => undefined
const WRITE = {
  put: option.object({
    op: anything,
    space: anything,
    key: anything,
    value: anything,
    ifVersion: option.optional(version),
  }),
  remove: option.object({ op: anything, space: anything, key: anything, ifVersion: option.optional(version) }),
} as const

/**
 * Checks what the methods of a record store are given, so that every driver refuses the same, in the same words. Each check
 * throws `AIOS_INVALID_OPTION`; call it inside of an async method, before anything else, and the method rejects.
 */
export const recordArguments = {
  /** Checks the name of a space. */
  space(space: string): void {
    if (!isSpace(space)) throw invalid(expected(SPACE_IS, 'space', space))
  },
  /** Checks space and key of one record. */
  record(space: string, key: Uint8Array): void {
    recordArguments.space(space)
    if (!isKey(key)) throw invalid(wrongBytes('key', key, KEY_IS))
  },
  /** Checks space and keys of several records; a key may come more than once. */
  records(space: string, keys: readonly Uint8Array[]): void {
    recordArguments.space(space)
    if (!Array.isArray(keys)) throw invalid(expected('an array of keys', 'keys', keys))
    for (const [at, key] of keys.entries()) if (!isKey(key)) throw invalid(wrongBytes(`keys[${at}]`, key, KEY_IS))
  },
  /** Checks a value. */
  value(value: Uint8Array): void {
    if (!isValue(value)) throw invalid(wrongBytes('value', value, VALUE_IS))
  },
  /** Checks the condition of a put or remove. */
  condition(condition: RecordCondition | undefined): void {
    if (condition !== undefined) checkOptions('a write', condition, CONDITION)
  },
  /** Checks space and bounds of a range. */
  range(space: string, range: RecordRange | undefined): void {
    recordArguments.space(space)
    if (range !== undefined) checkOptions('range()', range, RANGE)
  },
  /** Checks a batch: each write, that they are not too many, and that each record is in it once. */
  batch(writes: readonly RecordWrite[]): void {
    if (!Array.isArray(writes)) throw invalid(expected('an array of writes', 'writes', writes))
    if (writes.length > RECORD_BOUNDS.batchWrites)
      throw invalid(
        `Expected at most ${RECORD_BOUNDS.batchWrites} writes in a batch, got ${writes.length}; use several batches.`,
      )
    const seen = new Set<string>()
    for (const [at, write] of (writes as readonly RecordWrite[]).entries()) {
      const name = checkWrite(write, `writes[${at}]`)
      if (seen.has(name))
        throw invalid(`Expected each record of a batch once, got that of writes[${at}] a second time.`)
      seen.add(name)
    }
  },
  /** Checks the options of a change feed. */
  watch(options: RecordWatch | undefined): void {
    if (options !== undefined) checkOptions('watch()', options, WATCH)
  },
  /** Checks what `import` is to read. */
  chunks(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): void {
    if (typeof chunks !== 'object' || chunks === null || !(Symbol.asyncIterator in chunks || Symbol.iterator in chunks))
      throw invalid(expected('an iterable of chunks of bytes', 'chunks', chunks))
  },
} as const

/** Checks one write and returns a name that no other record has. */
function checkWrite(write: RecordWrite, path: string): string {
  const op = (write as Partial<RecordWrite> | null | undefined)?.op
  if (op !== 'put' && op !== 'remove') throw invalid(expected('"put" or "remove"', `${path}.op`, op))
  checkOptions(path, write, WRITE[op])
  if (!isSpace(write.space)) throw invalid(expected(SPACE_IS, `${path}.space`, write.space))
  if (!isKey(write.key)) throw invalid(wrongBytes(`${path}.key`, write.key, KEY_IS))
  if (write.op === 'put' && !isValue(write.value)) throw invalid(wrongBytes(`${path}.value`, write.value, VALUE_IS))
  return `${write.space} ${keyText(write.key)}`
}

/** Returns a string of one character a byte; such strings sort as their keys do. */
export function keyText(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}

function isSpace(space: unknown): boolean {
  return typeof space === 'string' && space.length <= RECORD_BOUNDS.spaceChars && SPACE.test(space)
}

function isKey(key: unknown): boolean {
  return key instanceof Uint8Array && key.byteLength >= 1 && key.byteLength <= RECORD_BOUNDS.keyBytes
}

function isValue(value: unknown): boolean {
  return value instanceof Uint8Array && value.byteLength <= RECORD_BOUNDS.valueBytes
}

function wrongBytes(name: string, got: unknown, what: string): string {
  return got instanceof Uint8Array
    ? `Expected ${what} for "${name}", got ${got.byteLength} bytes.`
    : expected(what, name, got)
}

function invalid(message: string): AiosError {
  return new AiosError('AIOS_INVALID_OPTION', message)
}
