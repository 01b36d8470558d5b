import {
  AiosError,
  type CoreEmbedReply,
  type CoreEmbedRequest,
  type CoreReply,
  type CoreRequest,
  type DriverCall,
  type LlmDriver,
  type StreamPart,
} from '@aios/kernel/driver'
import { CoreConnection, type VendorCoreParts } from './core-connection.js'
import type { WireRequest } from './protocol.js'

/** Leaves out a schema for a model that is said to know none: the kernel tells it in the conversation. */
function withoutSchema(request: CoreRequest): CoreRequest {
  const { responseFormat: format } = request
  return format?.type === 'json' && format.schema !== undefined
    ? { ...request, responseFormat: { type: 'json' } }
    : request
}

/**
 * Makes a core (AIOS: LLM core) that speaks to a vendor through its SDK. Connections, endpoints, time, errors and the end of
 * streams are the same for every vendor; only the {@link Protocol} differs.
 */
export function vendorCore<Wire extends WireRequest>(parts: VendorCoreParts<Wire>): LlmDriver {
  const { model, backend, options, resume = 'none', countsTokens = false, serves = ['chat'] } = parts
  const { id = model, limits, price, contextWindow, maxOutputTokens } = options
  let connection: CoreConnection<Wire> | undefined
  let isTaken = false
  const capabilities = { ...parts.capabilities, ...options.capabilities }
  const asked = (request: CoreRequest): CoreRequest =>
    capabilities.schema === false ? withoutSchema(request) : request
  const connected = (): CoreConnection<Wire> => {
    if (connection !== undefined) return connection
    throw new AiosError('AIOS_CLOSED', `The core "${id}" is not open. Hand it to createKernel, or call open() first.`)
  }
  return {
    kind: 'llm',
    id,
    model,
    backend,
    capabilities,
    resume,
    ...(limits === undefined ? {} : { limits }),
    ...(price === undefined ? {} : { price }),
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(countsTokens ? { countTokens: (request: CoreRequest) => connected().countTokens(asked(request)) } : {}),
    async open(services) {
      if (isTaken) {
        const message = `Expected core "${id}" to serve one kernel, got a second. Call ${parts.defaults.call} once for each kernel.`
        throw new AiosError('AIOS_INVALID_OPTION', message)
      }
      isTaken = true
      try {
        connection = await CoreConnection.open(id, parts, services)
      } catch (error) {
        isTaken = false
        throw error
      }
    },
    close() {
      connection?.close()
      connection = undefined
      isTaken = false
    },
    ...(serves.includes('chat') ? answering(connected, asked) : {}),
    ...(serves.includes('embed')
      ? {
          embed: (request: CoreEmbedRequest, call: DriverCall): Promise<CoreEmbedReply> =>
            connected().embed(request, call),
        }
      : {}),
  }
}

function answering<Wire extends WireRequest>(
  connected: () => CoreConnection<Wire>,
  asked: (request: CoreRequest) => CoreRequest,
): Required<Pick<LlmDriver, 'chat' | 'stream'>> {
  return {
    chat: (request: CoreRequest, call: DriverCall): Promise<CoreReply> => connected().chat(asked(request), call),
    stream: (request: CoreRequest, call: DriverCall): AsyncIterable<StreamPart> => {
      const open = connected()
      return { [Symbol.asyncIterator]: () => open.stream(asked(request), call) }
    },
  }
}
