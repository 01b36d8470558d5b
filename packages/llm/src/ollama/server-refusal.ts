import { jsonText } from '../core/json-text.js'
import { isRecord } from '../core/record.js'

/** Characters of an answer that is no JSON which are kept; the rest of an error page says nothing. */
const MAX_CHARS = 2_000

/** What a server answered that is an error: with a status, or inside of an answer that had begun well. */
export class ServerRefusal extends Error {
  readonly status: number | undefined
  readonly headers: Headers | undefined
  /** What a gateway before the server calls it; Ollama itself has no names for errors. */
  readonly names: readonly unknown[]

  constructor(error: unknown, status?: number, headers?: Headers) {
    super(textOf(error))
    this.name = 'ServerRefusal'
    this.status = status
    this.headers = headers
    this.names = isRecord(error) ? [error['code'], error['type']] : []
  }
}

function textOf(error: unknown): string {
  const text = isRecord(error) ? error['message'] : error
  return typeof text === 'string' ? text.slice(0, MAX_CHARS) : jsonText(error).slice(0, MAX_CHARS)
}

/** Returns the error in an answer, if it is one. */
export function refusalIn(body: unknown): ServerRefusal | undefined {
  return isRecord(body) && body['error'] ? new ServerRefusal(body['error']) : undefined
}

/** Reads the answer to a request that failed; what it says may be no JSON. */
export async function refusalOf(response: Response): Promise<ServerRefusal> {
  const { status, statusText, headers } = response
  const text = await response.text()
  return new ServerRefusal(errorOf(text) ?? `${status} ${statusText}`.trim(), status, headers)
}

function errorOf(text: string): unknown {
  try {
    const body = JSON.parse(text) as unknown
    return (isRecord(body) ? body['error'] : undefined) ?? text
  } catch {
    return text || undefined
  }
}
