import { isRecord } from '../../core/record.js'
import { looseFault, type Fault } from '../../core/provider-error.js'
import { rateHeaders } from '../../core/rate-headers.js'

type Fields = Readonly<Record<string, unknown>>

const API_CALL_ERROR = 'AI_APICallError'
/** Errors of the SDK that mean an answer that cannot be read. */
const GARBLED = new Set([
  'AI_EmptyResponseBodyError',
  'AI_InvalidResponseDataError',
  'AI_JSONParseError',
  'AI_NoContentGeneratedError',
  'AI_TypeValidationError',
])
const EXHAUSTED = 'insufficient_quota'

/** Is what a model put into its stream as an error: whatever the provider sent, in whatever shape. */
export class StreamedError extends Error {
  readonly said: unknown

  constructor(said: unknown) {
    const text = isRecord(said) ? said['message'] : said
    super(typeof text === 'string' && text !== '' ? text : 'an error inside of the stream')
    this.name = 'StreamedError'
    this.said = said
  }
}

/** Makes headers of a plain record, as far as it holds any. */
export function headersOf(record: unknown): Headers | undefined {
  if (!isRecord(record)) return undefined
  const headers = new Headers()
  for (const [name, value] of Object.entries(record)) {
    try {
      if (typeof value === 'string') headers.set(name, value)
    } catch {
      // What `fetch` would refuse came from no server, and says nothing about its limits.
    }
  }
  return headers
}

function bodyOf({ data, responseBody }: Fields): unknown {
  if (isRecord(data)) return data
  try {
    return typeof responseBody === 'string' ? (JSON.parse(responseBody) as unknown) : undefined
  } catch {
    return undefined
  }
}

/** Lists what a body calls its error, the most telling first. */
function namesIn(body: unknown): unknown[] {
  if (!isRecord(body)) return []
  const inner = isRecord(body['error']) ? body['error'] : body
  return [inner['code'], inner['type'], inner['status'], isRecord(body['error']) ? undefined : body['name']]
}

function isApiCallError(error: Fields): boolean {
  return (
    error['name'] === API_CALL_ERROR ||
    (typeof error['statusCode'] === 'number' && typeof error['isRetryable'] === 'boolean')
  )
}

/** An answer that was fine until its body: what became of that is in the cause. */
function brokenAnswer(error: Fields): Fault {
  const { cause, isRetryable } = error
  if (isRecord(cause) && GARBLED.has(String(cause['name']))) return { kind: 'garbled' }
  if (cause === undefined) return { kind: isRetryable === true ? 'network' : 'garbled' }
  return looseFault(cause)
}

function fromApiCall(error: Fields, now: number): Fault {
  const { statusCode, responseHeaders } = error
  if (typeof statusCode !== 'number' || statusCode < 400) return brokenAnswer(error)
  const names = namesIn(bodyOf(error))
  const isExhausted = statusCode === 402 || names.includes(EXHAUSTED)
  const said = rateHeaders(headersOf(responseHeaders), now)
  const [code, type] = names
  return { kind: 'refusal', status: statusCode, names, said, isExhausted, details: { code, type } }
}

/**
 * Tells what a model threw by the fields that the AI SDK's errors have, never by their class: each version of the SDK has
 * classes of its own.
 *
 * @param now - milliseconds since the epoch
 */
export function aiSdkFault(error: unknown, now: number): Fault {
  const said = error instanceof StreamedError ? error.said : error
  if (isRecord(said) && isApiCallError(said)) return fromApiCall(said, now)
  if (isRecord(said) && typeof said['name'] === 'string' && said['name'].startsWith('AI_')) {
    if (GARBLED.has(said['name'])) return { kind: 'garbled' }
    return { kind: 'refusal', status: undefined, names: [said['name']] }
  }
  // A connection that fails has a cause; one without is a slip of the package over what it got.
  if (said instanceof TypeError && said.cause === undefined) return { kind: 'garbled' }
  if (!(error instanceof StreamedError) || said instanceof Error) return looseFault(said)
  const names = namesIn(said)
  return { kind: 'refusal', status: undefined, names, isExhausted: names.includes(EXHAUSTED) }
}
