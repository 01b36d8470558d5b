import { AiosError } from '../error/aios-error.js'
import { describe } from '../error/describe.js'
import type { ErrorCode } from '../error/error-codes.js'

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

/** Makes plain data of what was thrown. */
export function encodeError(error: unknown, depth = 0): StoredError {
  if (!(error instanceof Error)) return { kind: 'value', value: plain(error) }
  const { name, message, cause } = error
  const base = {
    name,
    message,
    ...(cause === undefined || depth >= MOST_CAUSES ? {} : { cause: encodeError(cause, depth + 1) }),
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
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(details === undefined ? {} : { details }),
  }
}

/** What JSON cannot say of a detail is said as text. */
function plain(value: unknown): unknown {
  if (value === undefined) return undefined
  try {
    const text = JSON.stringify(value) as string | undefined
    return text === undefined ? describe(value) : (JSON.parse(text) as unknown)
  } catch {
    return describe(value)
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
