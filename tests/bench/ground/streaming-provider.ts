import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Is a provider on loopback that streams every answer the way OpenAI's chat completions do. */
export interface StreamingProvider {
  readonly baseURL: string
  close(): void
}

function chunk(delta: Readonly<Record<string, string>>, finish: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'm', choices })}\n\n`
}

async function answer(response: ServerResponse, { parts, everyMs }: StreamPlan): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(chunk({ role: 'assistant', content: '' }, null))
  for (let part = 0; part < parts; part += 1) {
    await sleep(everyMs)
    response.write(chunk({ content: `word${part} ` }, null))
  }
  response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`)
}

/** Says how many parts an answer has, and how many milliseconds lie before each. */
export interface StreamPlan {
  readonly parts: number
  readonly everyMs: number
}

/** Starts one on a free port. */
export async function streamingProvider(plan: StreamPlan): Promise<StreamingProvider> {
  const server: Server = createServer((request, response) => {
    request.resume()
    request.on('end', () => void answer(response, plan))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
