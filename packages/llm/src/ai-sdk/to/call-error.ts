import type { BuiltinErrorCode } from '@aios/kernel'
import { AiosError } from '@aios/kernel/driver'

/** Are the marks by which every copy of the AI SDK knows its errors. */
const MARKS = ['vercel.ai.error', 'vercel.ai.error.AI_APICallError'].map((name) => Symbol.for(name))

const STATUS: Partial<Readonly<Record<BuiltinErrorCode, number>>> = {
  AIOS_LLM_AUTH: 401,
  AIOS_LLM_PERMISSION: 403,
  AIOS_ACCESS_DENIED: 403,
  AIOS_LLM_NOT_FOUND: 404,
  AIOS_NO_DEVICE: 404,
  AIOS_LLM_BAD_REQUEST: 400,
  AIOS_LLM_CONTENT_FILTER: 400,
  AIOS_LLM_TIMEOUT: 408,
  AIOS_LLM_CONTEXT_OVERFLOW: 413,
  AIOS_LLM_RATE_LIMIT: 429,
  AIOS_QUEUE_FULL: 429,
  AIOS_LLM_SERVER: 500,
  AIOS_LLM_OVERLOADED: 503,
}

function statusOf({ code, details }: AiosError): number | undefined {
  const { status } = details
  return typeof status === 'number' ? status : STATUS[code as BuiltinErrorCode]
}

/**
 * Makes the error that the AI SDK expects of a model, an `APICallError`, of one of the kernel, which is its cause. Anything else,
 * such as the reason of the app's own signal, stays what it is.
 */
export function toCallError(error: unknown): unknown {
  if (!AiosError.is(error)) return error
  const { code, message, retryable, retryAfterMs } = error
  const wait = retryAfterMs === undefined ? {} : { 'retry-after-ms': String(retryAfterMs) }
  const made = Object.assign(new Error(message, { cause: error }), {
    name: 'AI_APICallError',
    url: 'aios:kernel',
    requestBodyValues: {},
    statusCode: statusOf(error),
    responseHeaders: wait,
    responseBody: undefined,
    isRetryable: retryable,
    data: { error: { code, message } },
  })
  for (const mark of MARKS) Object.defineProperty(made, mark, { value: true })
  return made
}
