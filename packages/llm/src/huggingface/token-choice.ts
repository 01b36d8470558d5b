import { AiosError } from '@aios/kernel/driver'
import { seedOf, type Sampling } from '../local/sampling.js'

interface Candidate {
  readonly token: number
  readonly logit: number
}

/** A list kept in order by insertion is quicker than sorting all, as long as it is short. */
const MOST_INSERTED = 256

const NONE = Number.NEGATIVE_INFINITY

function likeliest(logits: Float32Array): Candidate {
  let token = -1
  let logit = NONE
  for (let each = 0; each < logits.length; each += 1) {
    const value = logits[each] as number
    if (value > logit) [token, logit] = [each, value]
  }
  if (token !== -1) return { token, logit }
  throw new AiosError(
    'AIOS_LLM_SERVER',
    'Expected a token that may come next, got logits that rule out all. Check the hook.',
  )
}

/** Lists the tokens that may come, most likely first; of two alike the one with the smaller id. */
function sorted(logits: Float32Array): number[] {
  const tokens: number[] = []
  for (let token = 0; token < logits.length; token += 1) if ((logits[token] as number) > NONE) tokens.push(token)
  return tokens.sort((one, other) => (logits[other] as number) - (logits[one] as number) || one - other)
}

/** Lists the first `count` of what {@link sorted} does. */
function firstSorted(logits: Float32Array, count: number): number[] {
  const tokens: number[] = []
  let least = NONE
  for (let token = 0; token < logits.length; token += 1) {
    const logit = logits[token] as number
    if (!(logit > least)) continue
    let at = Math.min(tokens.length, count - 1)
    for (; at > 0 && logit > (logits[tokens[at - 1] as number] as number); at -= 1)
      tokens[at] = tokens[at - 1] as number
    tokens[at] = token
    if (tokens.length === count) least = logits[tokens[count - 1] as number] as number
  }
  return tokens
}

/** Returns the `count` best, or all for 0, most likely first. */
function best(logits: Float32Array, count: number): Candidate[] {
  const isFew = count > 0 && count <= MOST_INSERTED
  const tokens = isFew ? firstSorted(logits, count) : sorted(logits).slice(0, count || undefined)
  return tokens.map((token) => ({ token, logit: logits[token] as number }))
}

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
