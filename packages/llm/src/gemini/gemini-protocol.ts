import type { Endpoint } from '../core/endpoint.js'
import type { Protocol, VendorClient } from '../core/protocol.js'
import { rateHeaders } from '../core/rate-headers.js'
import { EMBEDDING } from './embedding.js'
import { geminiFault } from './fault.js'
import { GenerateReader } from './generate-reader.js'
import { fromGenerated } from './generate-reply.js'
import { toGenerateWire, type GenerateWire } from './generate-request.js'

/**
 * Makes the protocol of Gemini's API out of a package that speaks it.
 *
 * @param connect - makes the package's client for an endpoint; its errors must be an `AnswerRefusal` where the provider answered
 */
export function geminiProtocol(connect: (endpoint: Endpoint) => VendorClient<GenerateWire>): Protocol<GenerateWire> {
  return {
    provider: 'google',
    connect,
    toWire: toGenerateWire,
    fromBody: fromGenerated,
    embedding: EMBEDDING,
    reader: (reading) => new GenerateReader(reading),
    fault: geminiFault,
    rates: rateHeaders,
  }
}
