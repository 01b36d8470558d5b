import { isFetchTimeout, looseFault, type Fault } from '../core/provider-error.js'
import { rateHeaders } from '../core/rate-headers.js'
import { isRecord } from '../core/record.js'
import type { GroqSdk } from './sdk.js'

type ErrorClasses = Pick<GroqSdk, 'APIError' | 'APIConnectionError' | 'APIConnectionTimeoutError'>

/** Is what the SDK declares of its error class, whose own fields it leaves open. */
type Answered = InstanceType<GroqSdk['APIError']> & {
  readonly status: number | undefined
  readonly headers: Headers | undefined
  readonly error: unknown
}

/** Tells what the SDK threw by its class, and by what is meant for machines: status, and `code` and `type` of the body. */
export function groqFault(thrown: unknown, sdk: ErrorClasses, now: number): Fault {
  if (thrown instanceof sdk.APIConnectionTimeoutError || isFetchTimeout(thrown)) return { kind: 'timeout' }
  if (thrown instanceof sdk.APIConnectionError) return { kind: 'network' }
  if (!(thrown instanceof sdk.APIError)) return looseFault(thrown)
  const { status, headers, error } = thrown as Answered
  // The body as it came; in a stream, what stands in its `error`.
  const outer = isRecord(error) ? error : {}
  const { code, type, param } = isRecord(outer['error']) ? outer['error'] : outer
  return {
    kind: 'refusal',
    status,
    names: [code, type],
    said: rateHeaders(headers, now),
    isExhausted: status === 402,
    details: { code, type, param, requestId: headers?.get('x-request-id') },
  }
}
