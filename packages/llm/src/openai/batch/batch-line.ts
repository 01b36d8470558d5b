import { AiosError, type CoreReply, type CoreRequest, type CoreWarning, describeValue } from '@aios/kernel/driver'
import type { Protocol, WireRequest } from '../../core/protocol.js'
import { isRecord } from '../../core/record.js'
import { requestToolNames } from '../../tool-call/request-tools.js'
import { toolNameMap } from '../../tool-call/tool-name-map.js'

/** Is one request of a batch. */
export interface BatchRequest {
  /** Names the request among those of its batch: its result has the same. */
  readonly id: string
  /** What is asked, as a core receives it: tools by their descriptions. Names of tools are 1 to 64 of `A-Z a-z 0-9 _ -`. */
  readonly request: CoreRequest
}

/** Tells that something of one request of a batch was left out or changed. */
export interface BatchWarning extends CoreWarning {
  /** Id of the request. */
  readonly id: string
}

/** Is what became of one request of a batch. */
export type BatchResult =
  | { readonly id: string; readonly reply: CoreReply }
  | {
      readonly id: string
      /** Why there is no answer, by the same codes as those of a core. */
      readonly error: AiosError
    }

/** Is a line of a file of requests. */
export interface RequestLine {
  readonly text: string
  readonly warnings: readonly BatchWarning[]
}

/** Says how lines are written and read. */
export interface LineFormat {
  readonly model: string
  readonly host: string
  /** Path of the API that answers. */
  readonly url: string
  readonly protocol: Protocol<WireRequest>
  /** Makes the error of a line out of its status and what the provider calls it. */
  refusal(status: number | undefined, error: unknown): AiosError
}

const MOST_ID_CHARS = 64

/**
 * Checks one request.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` for what is none, `AIOS_UNSUPPORTED` for a name of a tool that would have to be mapped
 */
export function checkRequest(given: BatchRequest): void {
  if (!isRecord(given)) {
    const message = `Expected a request of a batch to be an object with id and request, got ${describeValue(given)}.`
    throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
  }
  const { id, request } = given
  if (typeof id !== 'string' || id === '' || id.length > MOST_ID_CHARS) {
    const message = `Expected a request of a batch to have an id of 1 to ${MOST_ID_CHARS} characters, got ${describeValue(id)}.`
    throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
  }
  const messages: unknown = isRecord(request) ? request['messages'] : undefined
  if (!Array.isArray(messages) || messages.length === 0) {
    const message = `Expected request "${id}" of a batch to have one message or more, got ${describeValue(messages)}.`
    throw new AiosError('AIOS_LLM_BAD_REQUEST', message)
  }
  const used = requestToolNames(request)
  const names = toolNameMap(used)
  const illegal = used.find((name) => names.toWire(name) !== name)
  if (illegal === undefined) return
  // Whoever reads the results may be another process, which does not know what was sent in its place.
  const message = `Expected names of tools in request "${id}" of 1 to 64 characters A-Z a-z 0-9 _ -, got ${describeValue(illegal)}. A batch cannot map names back.`
  throw new AiosError('AIOS_UNSUPPORTED', message)
}

/**
 * Writes one request.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` or `AIOS_UNSUPPORTED` for what a batch or the API cannot express
 */
export function requestLine(given: BatchRequest, { model, host, url, protocol }: LineFormat): RequestLine {
  const { id, request } = given
  const { params, warnings } = protocol.toWire(request, { model, host })
  const text = JSON.stringify({ custom_id: id, method: 'POST', url, body: params })
  return { text, warnings: warnings.map((warning) => ({ id, ...warning })) }
}

function outcome(line: Readonly<Record<string, unknown>>, id: string, format: LineFormat): CoreReply {
  const { response } = line
  if (!isRecord(response)) throw format.refusal(undefined, line['error'])
  const { status_code: status, body } = response
  const isRefused = typeof status !== 'number' || status >= 400
  const error = isRecord(body) ? body['error'] : undefined
  if (isRefused) throw format.refusal(typeof status === 'number' ? status : undefined, error ?? body)
  // As in a stream, the status says nothing of an error that came after it.
  if (error) throw format.refusal(undefined, error)
  const reading = { names: toolNameMap([]), host: format.host, makeId: (n: number) => `call_${id}_${n}` }
  return format.protocol.fromBody(body, reading)
}

/**
 * Reads one line of a file of results.
 *
 * @throws AiosError `AIOS_LLM_SERVER` if it is none
 */
export function readResult(text: string, format: LineFormat): BatchResult {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    line = undefined
  }
  const id = isRecord(line) ? line['custom_id'] : undefined
  if (!isRecord(line) || typeof id !== 'string') {
    throw new AiosError(
      'AIOS_LLM_SERVER',
      `Expected a line of results with a custom_id, got ${describeValue(text.slice(0, 100))}.`,
    )
  }
  try {
    return { id, reply: outcome(line, id, format) }
  } catch (error) {
    if (AiosError.is(error)) return { id, error }
    throw error
  }
}
