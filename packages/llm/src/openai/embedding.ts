import { AiosError, type CoreEmbedReply, type CoreEmbedRequest, describeValue } from '@aios/kernel/driver'
import type { EmbeddingCreateParams } from 'openai/resources/embeddings'
import type { EmbedProtocol, EmbedWire, Target } from '../core/protocol.js'
import { providerParams } from '../core/provider-params.js'
import { isRecord } from '../core/record.js'
import { toVector } from '../core/vector.js'
import { fromWireUsage } from './usage.js'

type Fields = Readonly<Record<string, unknown>>

/** Is a request for vectors as the SDK takes it. */
interface VectorWire extends EmbedWire {
  readonly params: EmbeddingCreateParams
}

const FLOAT_BYTES = 4
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Translates a request for vectors. Without `encoding_format` the SDK asks for base64, and takes whatever comes for that.
 *
 * @throws AiosError `AIOS_LLM_BAD_REQUEST` if its `providerOptions` of this provider are no object
 */
function toVectorWire(request: CoreEmbedRequest, { model }: Target, provider: string): VectorWire {
  const { input, dimensions } = request
  const params = {
    model,
    input: [...input],
    encoding_format: 'float' as const,
    ...(dimensions === undefined ? {} : { dimensions }),
    ...providerParams(request, provider),
  }
  return { params, warnings: [] }
}

/** Reads the bytes of little-endian floats; undefined if they are none. */
function fromBase64(text: string): Float32Array | undefined {
  const bytes = BASE64.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0)
  if (bytes.length === 0 || bytes.length % FLOAT_BYTES !== 0) return undefined
  const vector = new Float32Array(bytes.length / FLOAT_BYTES)
  for (let at = 0; at < vector.length; at += 1) vector[at] = bytes.readFloatLE(at * FLOAT_BYTES)
  return vector.every(Number.isFinite) ? vector : undefined
}

/** Reads a vector; some servers send base64 whatever they are asked for. */
function vectorOf(value: unknown): Float32Array | undefined {
  if (typeof value === 'string') return fromBase64(value)
  return toVector(value)
}

/** Puts the entries into the order of the texts; undefined if their indexes are not those of so many texts. */
function inOrder(entries: readonly Fields[]): readonly Fields[] | undefined {
  if (entries.every(({ index }) => index === undefined || index === null)) return entries
  const byIndex = new Map(entries.map((entry) => [entry['index'], entry]))
  const sorted = entries.map((_, index) => byIndex.get(index)).filter((entry) => entry !== undefined)
  return sorted.length === entries.length ? sorted : undefined
}

/**
 * Translates an answer with vectors.
 *
 * @throws AiosError `AIOS_LLM_SERVER` if it is none
 */
function fromVectors(body: unknown): CoreEmbedReply {
  const fields = isRecord(body) ? body : {}
  const { data, model, usage } = fields
  const list: readonly unknown[] | undefined = Array.isArray(data) ? data : undefined
  const entries = list?.every(isRecord) === true ? inOrder(list) : undefined
  const vectors = entries?.map(({ embedding }) => vectorOf(embedding))
  if (!vectors?.every((vector) => vector !== undefined)) {
    const got = list ? `${list.length} entries, not all of them vectors of their own index` : describeValue(data)
    const message = `Expected a list of vectors, got ${got}. Is baseURL the root of an API that has /embeddings?`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  return {
    vectors,
    usage: fromWireUsage(isRecord(usage) ? usage : undefined),
    ...(typeof model === 'string' && model !== '' ? { model } : {}),
  }
}

/**
 * Returns how a server is asked for vectors.
 *
 * @param provider - key of `providerOptions`
 */
export function vectorProtocol(provider: string): EmbedProtocol {
  return {
    toWire: (request, target) => toVectorWire(request, target, provider),
    fromBody: fromVectors,
  }
}
