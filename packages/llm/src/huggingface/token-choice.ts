import { AiosError } from '@aios/kernel/driver'
import { seedOf, type Sampling } from '../local/sampling.js'

interface Candidate {
  readonly token: number
  readonly logit: number
}

function likeliest(logits: Float32Array): Candidate {
  let best = -1
  for (const [token, logit] of logits.entries())
    if (logit > Number.NEGATIVE_INFINITY && (best === -1 || logit > (logits[best] as number))) best = token
  if (best !== -1) return { token: best, logit: logits[best] as number }
  throw new AiosError(
    'AIOS_LLM_SERVER',
    'Expected a token that may come next, got logits that rule out all. Check the hook.',
  )
}

/** Returns the best, most likely first; of two alike the one with the smaller id. */
function best(logits: Float32Array, count: number): Candidate[] {
  const all = [...logits.entries()]
    .map(([token, logit]): Candidate => ({ token, logit }))
    .filter(({ logit }) => logit > Number.NEGATIVE_INFINITY)
  // Of a large vocabulary only what can be among them is sorted.
  if (count > 0 && count < all.length) {
    const floor = Float32Array.from(all, ({ logit }) => logit).sort()[all.length - count] as number
    return all
      .filter(({ logit }) => logit >= floor)
      .sort(byLogit)
      .slice(0, count)
  }
  return all.sort(byLogit)
}

const byLogit = (one: Candidate, other: Candidate): number => other.logit - one.logit || one.token - other.token

const sumOf = (weights: readonly number[]): number => weights.reduce((sum, weight) => sum + weight, 0)

/** Returns the fewest of the best candidates that have the share `topP` of all likelihood together, at least one. */
function nucleus(candidates: readonly Candidate[], topP: number): readonly Candidate[] {
  if (topP >= 1) return candidates
  const top = (candidates[0] as Candidate).logit
  const weights = candidates.map(({ logit }) => Math.exp(logit - top))
  const wanted = topP * sumOf(weights)
  let sum = 0
  const count = weights.findIndex((weight) => (sum += weight) >= wanted) + 1
  return candidates.slice(0, Math.max(1, count))
}

/**
 * Draws token `index` of an answer: the likeliest at temperature 0, else by chance among the `topK` best, of these the `topP` share,
 * of these those not less likely than `minP` of the best, each by its likelihood at the temperature. The same seed draws the same.
 *
 * @throws AiosError `AIOS_LLM_SERVER` if no token may come next
 */
export function chosenToken(logits: Float32Array, sampling: Sampling, index: number): number {
  const top = likeliest(logits)
  const { temperature, topK, topP, minP } = sampling
  if (temperature === 0 || top.logit === Number.POSITIVE_INFINITY) return top.token
  const candidates = nucleus(best(logits, topK), topP).filter(({ logit }) => Math.exp(logit - top.logit) >= minP)
  const weights = candidates.map(({ logit }) => Math.exp((logit - top.logit) / temperature))
  let left = (seedOf(sampling, index) / 2 ** 32) * sumOf(weights)
  const drawn = weights.findIndex((weight) => (left -= weight) < 0)
  return (candidates[drawn] ?? top).token
}
