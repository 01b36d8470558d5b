import { AiosError, type BuiltinErrorCode } from '@aios/kernel'

/** Is an error as the API answers it. */
export interface WireFailure {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: {
    readonly error: {
      readonly message: string
      readonly type: string
      readonly param: string | null
      readonly code: string | null
    }
  }
}

type Row = readonly [status: number, type: string, code?: string]

const ROWS: Partial<Readonly<Record<string, Row>>> = {
  AIOS_LLM_AUTH: [401, 'authentication_error', 'invalid_api_key'],
  AIOS_LLM_PERMISSION: [403, 'permission_error'],
  AIOS_LLM_NOT_FOUND: [404, 'invalid_request_error', 'model_not_found'],
  AIOS_NOT_FOUND: [404, 'invalid_request_error'],
  AIOS_LLM_BAD_REQUEST: [400, 'invalid_request_error'],
  AIOS_INVALID_OPTION: [400, 'invalid_request_error'],
  AIOS_UNSUPPORTED: [400, 'invalid_request_error'],
  AIOS_LLM_CONTEXT_OVERFLOW: [400, 'invalid_request_error', 'context_length_exceeded'],
  AIOS_LLM_CONTENT_FILTER: [400, 'invalid_request_error', 'content_filter'],
  AIOS_QUOTA_EXCEEDED: [413, 'invalid_request_error'],
  AIOS_LLM_RATE_LIMIT: [429, 'rate_limit_error', 'rate_limit_exceeded'],
  AIOS_LLM_OVERLOADED: [503, 'overloaded_error'],
  AIOS_LLM_TIMEOUT: [408, 'timeout_error'],
  AIOS_LLM_NETWORK: [502, 'server_error'],
  AIOS_LLM_INCOMPLETE_STREAM: [502, 'server_error'],
} satisfies Partial<Record<BuiltinErrorCode, Row>>
const ANY_OTHER: Row = [500, 'server_error']
const MS_PER_SECOND = 1000

/** Translates what a core threw, or the server itself. What is no error of this library is the server's. */
export function toWireFailure(error: unknown): WireFailure {
  const known = AiosError.is(error) ? error : undefined
  const [status, type, code = null] = (known && ROWS[known.code]) ?? ANY_OTHER
  const wait = known?.retryAfterMs
  const param = known?.details['param']
  return {
    status,
    headers:
      wait === undefined
        ? {}
        : { 'retry-after-ms': String(wait), 'retry-after': String(Math.ceil(wait / MS_PER_SECOND)) },
    body: {
      error: {
        message: error instanceof Error ? error.message : String(error),
        type,
        param: typeof param === 'string' ? param : null,
        code,
      },
    },
  }
}
