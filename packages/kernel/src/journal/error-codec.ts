import { AiosError } from '../error/aios-error.js'
import { describe } from '../error/describe.js'
import type { ErrorCode } from '../error/error-codes.js'
import { errorText } from '../error/error-text.js'

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
  readonly cause?: StoredError | undefined
  readonly value?: unknown
}

/** Causes deeper than this are dropped. */
const MOST_CAUSES = 8

/** Makes plain data of what was thrown, whatever that is; what cannot be read of it is said in words. Never throws. */
export function encodeError(error: unknown): StoredError {
  try {
    return encoded(error, 0)
  } catch {
    return { kind: 'error', name: 'Error', message: errorText(error) }
  }
}

function encoded(error: unknown, depth: number): StoredError {
  if (!(error instanceof Error)) return { kind: 'value', value: plain(error) }
  const { name, message, cause } = error as { readonly [Key in keyof Error]: unknown }
  const base = {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : errorText(message),
    ...(cause === undefined || depth >= MOST_CAUSES ? {} : { cause: causeOf(cause, depth + 1) }),
  }
  if (!AiosError.is(error)) {
    const { code } = error as { readonly code?: unknown }
    return { kind: 'error', ...base, ...(typeof code === 'string' ? { code } : {}) }
  }
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

/** An error keeps what can be read of it though its cause cannot. */
function causeOf(cause: unknown, depth: number): StoredError {
  try {
    return encoded(cause, depth)
  } catch {
    return { kind: 'error', name: 'Error', message: errorText(cause) }
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

/** Makes an error of plain data, of the class it had where that is ours. */
export function decodeError(stored: StoredError): unknown {
  if (stored.kind === 'value') return stored.value
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
  const error =
    name === 'AbortError' || name === 'TimeoutError' ? new DOMException(message, name) : new Error(message, cause)
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  if (code !== undefined && !(error instanceof DOMException)) Object.assign(error, { code })
  return error
}
