import { AiosError, type CoreEmbedReply, type CoreEmbedRequest, describeValue } from '@aios/kernel/driver'
import type { EmbedProtocol, EmbedWire, Target } from '../core/protocol.js'
import { providerParams } from '../core/provider-params.js'
import { isRecord } from '../core/record.js'
import { toVector } from '../core/vector.js'
import { modelPath } from './model-path.js'
import { fromWireUsage } from './usage.js'

/** Is what a client asks for: `batchEmbedContents` of a model, with a request for each text. */
export interface EmbedBody {
  readonly model: string
  readonly requests: readonly Readonly<Record<string, unknown>>[]
}

/** The API refuses more with `at most 100 requests can be in one batch`. */
const MAX_TEXTS = 100

/**
 * Translates a request for vectors.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` if its `providerOptions.google` is no object
 */
function toEmbedWire(request: CoreEmbedRequest, { model }: Target): EmbedWire {
  const { input, dimensions } = request
  const own = providerParams(request, 'google')
  const requests = input.map((text) => ({
    model: modelPath(model),
    content: { parts: [{ text }] },
    ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
    ...own,
  }))
  const params: EmbedBody = { model, requests }
  return { params, warnings: [] }
}

/**
 * Translates an answer with vectors, which come in the order of the texts.
 *
 * @throws AiosError `AIOS_LLM_SERVER` if it is none
 */
function fromEmbeddings(body: unknown): CoreEmbedReply {
  const { embeddings, usageMetadata } = isRecord(body) ? body : {}
  const list: readonly unknown[] | undefined = Array.isArray(embeddings) ? embeddings : undefined
  const vectors = list?.map((entry) => (isRecord(entry) ? toVector(entry['values']) : undefined))
  if (!vectors?.every((vector) => vector !== undefined)) {
    const got = list ? `${list.length} entries, not all of them lists of finite numbers` : describeValue(embeddings)
    const message = `Expected vectors in "embeddings", got ${got}. Is baseURL the root of an API that has batchEmbedContents?`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  return { vectors, usage: fromWireUsage(isRecord(usageMetadata) ? usageMetadata : undefined) }
}

/** Is how Gemini's API is asked for vectors. */
export const EMBEDDING: EmbedProtocol = { maxTexts: MAX_TEXTS, toWire: toEmbedWire, fromBody: fromEmbeddings }
