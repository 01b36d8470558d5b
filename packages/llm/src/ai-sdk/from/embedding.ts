import { AiosError, type CoreEmbedReply, describeValue } from '@aios/kernel/driver'
import { isRecord } from '../../core/record.js'
import { tokenCount } from '../../core/token-count.js'
import { toVector } from '../../core/vector.js'
import type { EmbedCallOptions } from './call-options.js'
import type { SdkModel } from './model.js'

/** Most calls at once, of a model that takes them side by side. */
const MOST_AT_ONCE = 8

/** Is what came of one call. */
interface Embedded {
  readonly vectors: readonly Float32Array[]
  readonly tokens: number | undefined
}

/** @throws AiosError `AIOS_LLM_SERVER` unless there is a vector for each text */
function fromAnswer(answer: unknown, texts: number): Embedded {
  const fields = isRecord(answer) ? answer : {}
  const { embeddings, usage } = fields
  const vectors = Array.isArray(embeddings) ? embeddings.map(toVector).filter((vector) => vector !== undefined) : []
  if (!Array.isArray(embeddings) || embeddings.length !== texts || vectors.length !== texts) {
    const message = `Expected ${texts} lists of numbers in "embeddings" of the model's answer, got ${describeValue(embeddings)}. Try again later.`
    throw new AiosError('AIOS_LLM_SERVER', message)
  }
  const tokens = tokenCount(isRecord(usage) ? usage['tokens'] : undefined)
  return { vectors, tokens }
}

function split(values: readonly string[], most: unknown): string[][] {
  const size = typeof most === 'number' && most >= 1 ? Math.floor(most) : Number.POSITIVE_INFINITY
  if (values.length <= size) return [[...values]]
  return Array.from({ length: Math.ceil(values.length / size) }, (_, n) => values.slice(n * size, (n + 1) * size))
}

/** Is what an embedding model is asked for, and what ends that. */
export interface EmbedAsked {
  readonly params: EmbedCallOptions
  readonly signal: AbortSignal
}

/** Asks a model for vectors in as many calls as it needs, side by side where it can, and puts the answers together in order. */
export async function embedAll(
  model: SdkModel,
  { params, signal }: EmbedAsked,
  ask: (values: string[]) => Promise<unknown>,
): Promise<CoreEmbedReply> {
  const groups = split(params.values, await model.maxEmbeddingsPerCall)
  const atOnce = (await model.supportsParallelCalls) === true ? MOST_AT_ONCE : 1
  const answers: Embedded[] = []
  const waiting = groups.entries()
  const work = async (): Promise<void> => {
    for (const [index, group] of waiting) {
      // Where one call failed, nothing more is asked for.
      signal.throwIfAborted()
      answers[index] = fromAnswer(await ask(group), group.length)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, groups.length) }, work))
  const counts = answers.map(({ tokens }) => tokens)
  const total = counts.every((tokens) => tokens !== undefined)
    ? counts.reduce((sum, tokens) => sum + tokens, 0)
    : undefined
  return {
    vectors: answers.flatMap(({ vectors }) => vectors),
    usage: { input: total === undefined ? {} : { total }, output: {} },
  }
}
