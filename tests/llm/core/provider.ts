/** A provider on loopback that answers whatever bytes a test wants, and remembers what it was asked. */
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export type Body = Readonly<Record<string, unknown>>

export interface ReceivedRequest {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Body
  readonly socket: Socket
}

/** Answers one request; what it returns is awaited, so that a test fails where an answer does. */
export type Play = (response: ServerResponse, request: ReceivedRequest) => unknown

export interface Provider extends AsyncDisposable {
  readonly baseURL: string
  readonly requests: readonly ReceivedRequest[]
  /** Resolves when so many requests have come. */
  received(count: number): Promise<void>
  /** Resolves when no answer is under way. */
  released(): Promise<void>
  close(): Promise<void>
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Body
}

export async function startProvider(play: Play): Promise<Provider> {
  const requests: ReceivedRequest[] = []
  const changes = new EventEmitter()
  let open = 0
  const server = createServer((incoming, response) => {
    open += 1
    response.on('close', () => {
      open -= 1
      changes.emit('change')
    })
    void bodyOf(incoming).then(async (body) => {
      const { method, url, headers, socket } = incoming
      const request = { method, url, headers, body, socket }
      requests.push(request)
      changes.emit('change')
      await play(response, request)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await once(changes, 'change')
  }
  const close = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    received: (count) => until(() => requests.length >= count),
    released: () => until(() => open === 0),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Starts providers and closes them all at once, after each test. */
export function providerPool() {
  const providers: Provider[] = []
  return {
    async provided(play: Play): Promise<Provider> {
      const provider = await startProvider(play)
      providers.push(provider)
      return provider
    },
    async closeAll(): Promise<void> {
      for (const provider of providers.splice(0)) await provider.close()
    },
  }
}

/** Answers with JSON. */
export function json(
  response: ServerResponse,
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

export const EVENT_STREAM = { 'content-type': 'text/event-stream' }

/** Answers with a stream of server-sent events; strings go out as they are, everything else as JSON. */
export function sse(
  response: ServerResponse,
  chunks: readonly unknown[],
  ending: readonly string[] = ['[DONE]'],
): void {
  response.writeHead(200, EVENT_STREAM)
  for (const chunk of [...chunks, ...ending]) {
    response.write(`data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`)
  }
  response.end()
}
