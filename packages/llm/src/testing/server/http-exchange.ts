import { AiosError } from '@aios/kernel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { toWireFailure } from './wire-failure.js'

/** Longest body that is read, in bytes: room for a few images. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024
const EVENT_STREAM = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }

/** Is one request over HTTP and its answer. */
export class HttpExchange {
  /** Aborts when the client goes before its answer is complete. */
  readonly signal: AbortSignal
  readonly #incoming: IncomingMessage
  readonly #response: ServerResponse
  /** Resolves when nothing can be written any more. */
  readonly #closed: Promise<void>

  constructor(incoming: IncomingMessage, response: ServerResponse) {
    const left = new AbortController()
    this.signal = left.signal
    this.#incoming = incoming
    this.#response = response
    this.#closed = new Promise((resolve) => {
      response.once('close', () => {
        resolve()
        if (!response.writableFinished)
          left.abort(new AiosError('AIOS_CLOSED', 'The client left before its answer was complete.'))
      })
    })
    // A client that resets its connection is no failure of the server: close tells of it.
    response.on('error', () => undefined)
  }

  get path(): string {
    return new URL(this.#incoming.url ?? '/', 'http://loopback').pathname
  }

  get method(): string {
    return this.#incoming.method ?? 'GET'
  }

  get authorization(): string | undefined {
    return this.#incoming.headers.authorization
  }

  /**
   * @throws AiosError `AIOS_LLM_BAD_REQUEST` for what is no JSON, `AIOS_QUOTA_EXCEEDED` for too much of it
   */
  async body(): Promise<unknown> {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of this.#incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_BODY_BYTES)
        throw new AiosError('AIOS_QUOTA_EXCEEDED', `Expected a body of at most ${MAX_BODY_BYTES} bytes, got more.`)
      chunks.push(chunk)
    }
    try {
      return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
    } catch (cause) {
      throw new AiosError('AIOS_LLM_BAD_REQUEST', 'Expected a JSON body, got none.', { cause })
    }
  }

  json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): void {
    if (this.#response.destroyed) return
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers })
    this.#response.end(JSON.stringify(body))
  }

  /** Begins a stream of events. */
  beginEvents(): void {
    this.#response.writeHead(200, EVENT_STREAM)
  }

  /** Sends an event; resolves when the client can take the next. */
  async event(data: unknown): Promise<void> {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    const written = new Promise<void>((resolve) => {
      this.#response.write(`data: ${text}\n\n`, () => {
        resolve()
      })
    })
    await Promise.race([written, this.#closed])
  }

  end(): void {
    this.#response.end()
  }

  /** Answers with an error; where events have begun already, breaks off as a provider does that failed in this way. */
  async fail(error: unknown): Promise<void> {
    if (this.signal.aborted) return
    const { status, headers, body } = toWireFailure(error)
    if (!this.#response.headersSent) {
      this.json(body, status, headers)
      return
    }
    if (AiosError.is(error, 'AIOS_LLM_NETWORK')) {
      this.#response.destroy()
      return
    }
    if (!AiosError.is(error, 'AIOS_LLM_INCOMPLETE_STREAM')) await this.event(body)
    this.end()
  }
}
