/** Buckets that similarities are sorted into, instead of sorting them. */
const BUCKETS = 1_024

/** Is what the nearest examples say of one model. */
export interface NearEstimate {
  readonly quality: number
  readonly outputTokens: number | undefined
  /** Similarity of the nearest. */
  readonly nearest: number
}

/** Is what examples say of one model: NaN where they say nothing. */
export interface ModelColumn {
  readonly quality: Float32Array
  readonly outputTokens: Float32Array
}

/**
 * Returns the means of the examples most like a request, weighed by their similarity: the `count` nearest that say
 * something of the model, and those as near as the last of them, to a thousandth. undefined if none is alike at all.
 */
export function nearestMean(
  similarities: Float32Array,
  { quality, outputTokens }: ModelColumn,
  count: number,
): NearEstimate | undefined {
  const least = leastOfNearest(similarities, quality, count)
  let [weights, sum, tokenWeights, tokens, nearest] = [0, 0, 0, 0, 0]
  for (let slot = 0; slot < similarities.length; slot += 1) {
    const similarity = similarities[slot] as number
    const its = quality[slot] as number
    if (similarity <= 0 || similarity < least || its !== its) continue
    nearest = Math.max(nearest, similarity)
    weights += similarity
    sum += similarity * its
    const length = outputTokens[slot] as number
    if (length !== length) continue
    tokenWeights += similarity
    tokens += similarity * length
  }
  if (weights === 0) return undefined
  return { quality: sum / weights, outputTokens: tokenWeights === 0 ? undefined : tokens / tokenWeights, nearest }
}

/** Returns a similarity that about `count` examples reach, at least as many if there are. */
function leastOfNearest(similarities: Float32Array, quality: Float32Array, count: number): number {
  const buckets = new Uint32Array(BUCKETS + 1)
  for (let slot = 0; slot < similarities.length; slot += 1) {
    const similarity = similarities[slot] as number
    const its = quality[slot] as number
    if (similarity > 0 && its === its) buckets[Math.floor(similarity * BUCKETS)]! += 1
  }
  let found = 0
  for (let bucket = BUCKETS; bucket >= 0; bucket -= 1) {
    found += buckets[bucket] as number
    if (found >= count) return bucket / BUCKETS
  }
  return 0
}
