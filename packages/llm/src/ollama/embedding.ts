import { AiosError, type CoreEmbedReply, type CoreEmbedRequest, describeValue } from '@aios/kernel/driver'
import { providerParams } from '../core/provider-params.js'
import type { EmbedWire, Target } from '../core/protocol.js'
import { isRecord } from '../core/record.js'
import { toVector } from '../core/vector.js'
import { withOwn } from './chat-request.js'
import type { OllamaOptions } from './ollama-options.js'
import { usageOf } from './usage.js'

/**
 * Translates a request for vectors.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` if its `providerOptions.ollama` is no object
 */
export function toEmbedWire(request: CoreEmbedRequest, { model }: Target, options: OllamaOptions): EmbedWire {
  const { input, dimensions } = request
  const params = {
    model,
    input,
    // By default the server makes the vector of the beginning of a text that is too long, and says nothing.
    truncate: false,
    ...(dimensions === undefined ? {} : { dimensions }),
    ...(options.keepAlive === undefined ? {} : { keep_alive: options.keepAlive }),
    ...(options.contextWindow === undefined ? {} : { options: { num_ctx: options.contextWindow } }),
  }
  return { params: withOwn(params, providerParams(request, 'ollama')), warnings: [] }
}

/**
 * Translates an answer with vectors.
 *
 * @throws AiosError `AIOS_LLM_SERVER` if it is none
 */
export function fromEmbed(body: unknown): CoreEmbedReply {
  const fields = isRecord(body) ? body : {}
  const { embeddings, model } = fields
  const vectors = Array.isArray(embeddings) ? embeddings.map(toVector) : undefined
  if (!vectors?.every((vector) => vector !== undefined)) {
    const message = `Expected lists of numbers in "embeddings", got ${describeValue(embeddings)}. Is baseURL the root of an Ollama server?`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  return {
    vectors,
    usage: usageOf(fields),
    ...(typeof model === 'string' ? { model } : {}),
  }
}
