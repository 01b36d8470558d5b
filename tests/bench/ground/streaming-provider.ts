import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { VendorWords } from './vendor-words.js'

/** Is a provider on loopback that streams the same answer to every request. */
export interface StreamingProvider {
  /** Where it is, without a path. */
  readonly origin: string
  close(): void
}

/** Says how many parts an answer has, and how many milliseconds lie before each: with 0 all parts leave at once. */
export interface StreamPlan {
  readonly parts: number
  readonly everyMs: number
}

async function answer(response: ServerResponse, words: VendorWords, { parts, everyMs }: StreamPlan): Promise<void> {
  response.writeHead(200, { 'content-type': words.contentType })
  if (words.opening !== '') response.write(words.opening)
  for (let part = 0; part < parts; part += 1) {
    if (everyMs > 0) await sleep(everyMs)
    response.write(words.piece(`word${part} `))
  }
  response.end(words.closing)
}

/** Starts one on a free port. */
export async function streamingProvider(words: VendorWords, plan: StreamPlan): Promise<StreamingProvider> {
  const server: Server = createServer((request, response) => {
    request.resume()
    request.on('end', () => void answer(response, words, plan))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
