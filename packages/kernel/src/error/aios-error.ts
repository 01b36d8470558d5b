import { ERROR_CODES, type ErrorCode } from './error-codes.js'

const MARK = Symbol.for('aios.error')

/** Describes what else an {@link AiosError} carries besides code and message. */
export interface AiosErrorOptions {
  /** What made this error happen; kept untouched. */
  readonly cause?: unknown
  /** Whether the same call may succeed later. Default: the row of the code. */
  readonly retryable?: boolean | undefined
  /** Milliseconds after which trying again makes sense, where the source said so. */
  readonly retryAfterMs?: number | undefined
  /** Plain data for programs: limits, names, amounts. Never secrets. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Is the only error type that this library itself raises. The message says what was expected, what came and what to do.
 *
 * @example
 * ```ts
 * import { AiosError } from '@aios/kernel'
 *
 * const error: unknown = new AiosError('AIOS_NOT_FOUND', 'No note has the id "7".')
 * if (AiosError.is(error, 'AIOS_NOT_FOUND')) console.log(error.retryable) // false
 * ```
 */
export class AiosError extends Error {
  /** Stable, documented name of the failure; compare this, never the message. */
  readonly code: ErrorCode
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  /** Milliseconds after which trying again makes sense, where known. */
  readonly retryAfterMs: number | undefined
  /** Plain data for programs. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: AiosErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'AiosError'
    this.code = code
    this.retryable =
      options.retryable ??
      (ERROR_CODES as Partial<Record<ErrorCode, { readonly retryable: boolean }>>)[code]?.retryable ??
      false
    this.retryAfterMs = options.retryAfterMs
    this.details = options.details ?? {}
    Object.defineProperty(this, MARK, { value: true })
  }

  /**
   * Tells whether a value is an AiosError, of one code if given. Works across copies of this package.
   *
   * @param value - anything, typically what a `catch` received
   * @param code - the code it must carry
   */
  static is<C extends ErrorCode = ErrorCode>(value: unknown, code?: C): value is AiosError & { readonly code: C } {
    if (typeof value !== 'object' || value === null) return false
    try {
      if ((value as Record<symbol, unknown>)[MARK] !== true) return false
      return code === undefined || (value as AiosError).code === code
    } catch {
      // A proxy that refuses to be read is none.
      return false
    }
  }
}
