import type { Fault } from '../core/provider-error.js'
import { isFetchTimeout, looseFault } from '../core/provider-error.js'
import { rateHeaders } from '../core/rate-headers.js'
import type { OpenAiSdk } from './sdk.js'

type ErrorClasses = Pick<OpenAiSdk, 'APIError' | 'APIConnectionError' | 'APIConnectionTimeoutError'>

const EXHAUSTED = 'insufficient_quota'

/** Is what the SDK declares of its error class, whose own fields it leaves open. */
type Answered = InstanceType<OpenAiSdk['APIError']> & {
  readonly status: number | undefined
  readonly headers: Headers | undefined
}

/** Tells what the SDK threw by its class, and by what is meant for machines: status, `code` and `type`. */
export function openAiFault(error: unknown, sdk: ErrorClasses, now: number): Fault {
  if (error instanceof sdk.APIConnectionTimeoutError || isFetchTimeout(error)) return { kind: 'timeout' }
  if (error instanceof sdk.APIConnectionError) return { kind: 'network' }
  if (!(error instanceof sdk.APIError)) return looseFault(error)
  const { status, headers, code, type, param, requestID } = error as Answered
  return {
    kind: 'refusal',
    status,
    names: [code, type],
    said: rateHeaders(headers, now),
    isExhausted: status === 402 || code === EXHAUSTED || type === EXHAUSTED,
    details: { code, type, param, requestId: requestID },
  }
}
