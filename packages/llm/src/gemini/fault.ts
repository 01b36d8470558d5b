import { looseFault, type Fault } from '../core/provider-error.js'
import { rateHeaders } from '../core/rate-headers.js'
import { isRecord } from '../core/record.js'
import { AnswerRefusal } from './answer-refusal.js'

type Fields = Readonly<Record<string, unknown>>

const SECONDS = /^(\d+(?:\.\d+)?)s$/

const records = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : [])
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Reads a duration as protocol buffers write it in JSON, such as `34.4s`. */
function durationMs(value: unknown): number | undefined {
  const [, seconds] = SECONDS.exec(text(value) ?? '') ?? []
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1_000)
}

function saidOf({ headers, body }: AnswerRefusal, now: number): ReturnType<typeof rateHeaders> {
  const said = rateHeaders(headers, now)
  const waits = records(body['details']).map((detail) => durationMs(detail['retryDelay']))
  const retryAfterMs = waits.find((wait) => wait !== undefined)
  return retryAfterMs === undefined ? said : { ...said, retryAfterMs }
}

/**
 * Tells what was thrown by what is meant for machines: the HTTP status, and of the body `error.status` and the details
 * `ErrorInfo`, `RetryInfo` and `QuotaFailure` (google.rpc, error_details.proto).
 */
export function geminiFault(error: unknown, now: number): Fault {
  if (!(error instanceof AnswerRefusal)) return looseFault(error)
  const { status, body } = error
  const details = records(body['details'])
  const reason = details.map((detail) => text(detail['reason'])).find((one) => one !== undefined)
  const violations = details.flatMap((detail) => records(detail['violations']))
  const quotaId = violations.map((violation) => text(violation['quotaId'])).find((one) => one !== undefined)
  return {
    kind: 'refusal',
    status,
    names: [reason, body['status'], body['code']],
    said: saidOf(error, now),
    isExhausted: status === 402,
    details: { code: body['status'], reason, quotaId },
  }
}
