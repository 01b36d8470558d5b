import type { CoreOptions } from '../../core/core-options.js'
import type { Protocol } from '../../core/protocol.js'
import { rateHeaders } from '../../core/rate-headers.js'
import { vectorProtocol } from '../embedding.js'
import { openAiFault } from '../fault.js'
import { loadSdk } from '../sdk.js'
import { ResponseReader } from './response-reader.js'
import { fromResponse } from './response-reply.js'
import { responsesClient } from './responses-client.js'
import { toResponsesWire, type ResponsesWire } from './responses-request.js'

/** Loads the SDK for the Responses API. */
export async function loadResponses(options: CoreOptions): Promise<Protocol<ResponsesWire>> {
  const sdk = await loadSdk()
  const provider = 'openai'
  return {
    provider,
    connect: (endpoint) => responsesClient(sdk, endpoint, options),
    toWire: (request, target) => toResponsesWire(request, target, provider),
    fromBody: fromResponse,
    reader: (reading) => new ResponseReader(reading),
    embedding: vectorProtocol(provider),
    fault: (error, now) => openAiFault(error, sdk, now),
    rates: rateHeaders,
  }
}
