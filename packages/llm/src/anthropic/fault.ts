import { isFetchTimeout, looseFault, type Fault } from '../core/provider-error.js'
import { anthropicRates } from './rate-headers.js'
import type { AnthropicSdk } from './sdk.js'

type ErrorClasses = Pick<AnthropicSdk, 'APIError' | 'APIConnectionError' | 'APIConnectionTimeoutError'>

/** Is what the SDK declares of its error class, whose own fields it leaves open. */
type Answered = InstanceType<AnthropicSdk['APIError']> & {
  readonly status: number | undefined
  readonly headers: Headers | undefined
}

/** Names of errors that no waiting mends: somebody has to pay, or to raise a bound on spending. */
const EXHAUSTED: ReadonlySet<string> = new Set([
  'billing_error',
  'contract_spend_limit_reached',
  'enforced_spend_limit_reached',
])

/** Tells what the SDK threw by its class, and by what is meant for machines: status, `type` and `error_code`. */
export function anthropicFault(error: unknown, sdk: ErrorClasses, now: number): Fault {
  if (error instanceof sdk.APIConnectionTimeoutError || isFetchTimeout(error)) return { kind: 'timeout' }
  if (error instanceof sdk.APIConnectionError) return { kind: 'network' }
  if (!(error instanceof sdk.APIError)) return looseFault(error)
  const { status, headers, type, errorCode, requestID } = error as Answered
  const names = [errorCode, type]
  return {
    kind: 'refusal',
    status,
    names,
    said: anthropicRates(headers, now),
    isExhausted: status === 402 || names.some((name) => name !== null && EXHAUSTED.has(name)),
    details: { code: errorCode, type, requestId: requestID },
  }
}
