import { AiosError } from '../error/aios-error.js'
import { describe } from '../error/describe.js'
import type { ErrorCode } from '../error/error-codes.js'
import { errorText } from '../error/error-text.js'
import { readClone } from './clone-reader.js'
import { writeClone } from './clone-writer.js'
import { JsonCheck } from './json-check.js'

/** Is an error, or whatever else was thrown, as plain data. */
export interface StoredError {
  /** `aios`: an AiosError. `error`: any other. `value`: something that is no error, such as the reason of a signal. */
  readonly kind: 'aios' | 'error' | 'value'
  readonly name?: string | undefined
  readonly message?: string | undefined
  readonly code?: string | undefined
  readonly retryable?: boolean | undefined
  readonly retryAfterMs?: number | undefined
  readonly details?: unknown
  /** What else of an error is its own and a text, a number, a boolean or null. What is more may be a connection, with its secrets. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined
  /** Those that an AggregateError holds. */
  readonly errors?: readonly StoredError[] | undefined
  readonly cause?: StoredError | undefined
  readonly value?: unknown
  /** A value that JSON does not give back, as the structured clone algorithm writes it, in base64. */
  readonly bytes?: string | undefined
}

/** Causes deeper than this are dropped. */
const MOST_CAUSES = 8
/** Errors within errors beyond this many are dropped: they may hold each other. */
const MOST_ERRORS = 256
/** Bytes up to which a value that was thrown is kept as it is. */
const MOST_BYTES = 1_048_576
/** Of an error, what is kept under names of its own. */
const NAMED: ReadonlySet<string> = new Set(['name', 'message', 'stack', 'cause', 'errors'])

/** Makes plain data of what was thrown, whatever that is; what cannot be read of it is said in words. Never throws. */
export function encodeError(error: unknown): StoredError {
  return new ErrorEncoder().encode(error, 0)
}

class ErrorEncoder {
  #left = MOST_ERRORS

  /** What cannot be read is told of: an error keeps what can be read of it though its cause cannot. */
  encode(error: unknown, depth: number): StoredError {
    try {
      return error instanceof Error ? this.#encoded(error, depth) : valueOf(error)
    } catch {
      return { kind: 'error', name: 'Error', message: errorText(error) }
    }
  }

  #encoded(error: Error, depth: number): StoredError {
    const { name, message, cause } = error as { readonly [Key in keyof Error]: unknown }
    const base = {
      name: typeof name === 'string' ? name : 'Error',
      message: typeof message === 'string' ? message : errorText(message),
      ...(cause === undefined || depth >= MOST_CAUSES ? {} : { cause: this.encode(cause, depth + 1) }),
    }
    if (!AiosError.is(error)) return { kind: 'error', ...base, ...this.#more(error, depth) }
    const { code, retryable, retryAfterMs } = error
    const details = plain(error.details)
    return {
      kind: 'aios',
      ...base,
      code,
      retryable: Boolean(retryable),
      ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
      ...(details === undefined ? {} : { details }),
    }
  }

  #more(error: Error, depth: number): Pick<StoredError, 'code' | 'fields' | 'errors'> {
    const { code } = error as { readonly code?: unknown }
    const fields = fieldsOf(error)
    return {
      ...(typeof code === 'string' ? { code } : {}),
      ...(Object.keys(fields).length === 0 ? {} : { fields }),
      ...(error instanceof AggregateError ? { errors: this.#all(error.errors, depth) } : {}),
    }
  }

  #all(errors: readonly unknown[], depth: number): readonly StoredError[] {
    const kept = depth >= MOST_CAUSES ? [] : errors.slice(0, this.#left)
    this.#left -= kept.length
    return kept.map((each) => this.encode(each, depth + 1))
  }
}

function fieldsOf(error: Error): Readonly<Record<string, unknown>> {
  const fields: [string, unknown][] = []
  for (const key of Object.keys(error)) {
    if (NAMED.has(key)) continue
    // A getter may throw, or say something else the next time.
    const value: unknown = Object.getOwnPropertyDescriptor(error, key)?.value
    if (key === 'code' && typeof value === 'string') continue
    if (value === null || (typeof value !== 'object' && new JsonCheck().passes(value))) fields.push([key, value])
  }
  return Object.fromEntries(fields)
}

/** Keeps what was thrown and is no error. */
function valueOf(value: unknown): StoredError {
  const bytes = bytesOf(value)
  return bytes === undefined ? { kind: 'value', value: plain(value) } : { kind: 'value', bytes }
}

/** Undefined for what JSON gives back, and for what cannot be copied, or is large. */
function bytesOf(value: unknown): string | undefined {
  try {
    if (value === undefined || new JsonCheck().passes(value)) return undefined
    const bytes = writeClone(value)
    return bytes === undefined || bytes.length > MOST_BYTES ? undefined : Buffer.from(bytes).toString('base64')
  } catch {
    return undefined
  }
}

/** What JSON cannot say of a detail is said as text. */
function plain(value: unknown): unknown {
  if (value === undefined) return undefined
  try {
    const text = JSON.stringify(value) as string | undefined
    return text === undefined ? describe(value) : (JSON.parse(text) as unknown)
  } catch {
    return describedSafely(value)
  }
}

function describedSafely(value: unknown): string {
  try {
    return describe(value)
  } catch {
    return errorText(value)
  }
}

/** Classes of JavaScript itself. */
const CLASSES: ReadonlyMap<string, ErrorConstructor> = new Map(
  [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((each) => [each.name, each]),
)

/** Makes an error of plain data, of the class it had where that is ours or one of JavaScript itself. */
export function decodeError(stored: StoredError): unknown {
  if (stored.kind === 'value')
    return stored.bytes === undefined ? stored.value : readClone(Buffer.from(stored.bytes, 'base64'))
  const { name = 'Error', message = '', code } = stored
  const cause = stored.cause === undefined ? {} : { cause: decodeError(stored.cause) }
  if (stored.kind === 'aios') {
    return new AiosError(code as ErrorCode, message, {
      ...cause,
      retryable: stored.retryable,
      retryAfterMs: stored.retryAfterMs,
      details: (stored.details ?? {}) as Readonly<Record<string, unknown>>,
    })
  }
  const error = errorOf(stored, cause)
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  if (error instanceof DOMException) return error
  return Object.assign(error, code === undefined ? {} : { code }, stored.fields)
}

function errorOf({ name = 'Error', message = '', errors }: StoredError, cause: ErrorOptions): Error {
  if (name === 'AbortError' || name === 'TimeoutError') return new DOMException(message, name)
  if (errors !== undefined) return new AggregateError(errors.map(decodeError), message, cause)
  return new (CLASSES.get(name) ?? Error)(message, cause)
}
