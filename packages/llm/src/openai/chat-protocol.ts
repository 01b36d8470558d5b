import type { CoreOptions } from '../core/core-options.js'
import type { Protocol } from '../core/protocol.js'
import { rateHeaders } from '../core/rate-headers.js'
import type { ChatDialect } from './chat-dialect.js'
import { fromCompletion } from './chat-reply.js'
import { toChatWire, type ChatWire } from './chat-request.js'
import { ChunkReader } from './chunk-reader.js'
import { vectorProtocol } from './embedding.js'
import { openAiFault } from './fault.js'
import { chatClient } from './openai-client.js'
import { loadSdk } from './sdk.js'

/** Loads the SDK for chat completions in the dialect of a server. */
export async function loadChat(options: CoreOptions, dialect: ChatDialect): Promise<Protocol<ChatWire>> {
  const sdk = await loadSdk()
  return {
    provider: dialect.provider,
    connect: (endpoint) => chatClient(sdk, endpoint, options),
    toWire: (request, target) => toChatWire(request, target, dialect),
    fromBody: fromCompletion,
    reader: (reading) => new ChunkReader(reading),
    embedding: vectorProtocol(dialect.provider),
    fault: (error, now) => openAiFault(error, sdk, now),
    rates: rateHeaders,
  }
}
