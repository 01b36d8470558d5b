import type { SequenceEvaluateOptions } from 'node-llama-cpp'
import { seedOf, type Sampling } from '../local/sampling.js'

/** Returns what decides about token `index` of an answer. The engine's own generator cannot be saved: it gets a seed for each token. */
export function drawOptions(
  sampling: Sampling,
  index: number,
): Omit<SequenceEvaluateOptions, 'grammarEvaluationState'> {
  const { temperature, topP, topK, minP } = sampling
  return { temperature, topP, topK, minP, seed: seedOf(sampling, index), yieldEogToken: true }
}
