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

/** Is the examples most like a request: their slots, the similarity of each slot, and whether there are less similar ones. */
export interface Near {
  readonly slots: Int32Array
  readonly similarities: Float32Array
  readonly cut: boolean
}

/** Returns about `count` examples that are most like a request, at least as many if there are; those as near as the last, to a thousandth, too. */
export function nearestOf(similarities: Float32Array, count: number): Near {
  const buckets = new Uint32Array(BUCKETS + 1)
  for (let slot = 0; slot < similarities.length; slot += 1) {
    const similarity = similarities[slot] as number
    if (similarity > 0) buckets[(similarity * BUCKETS) | 0]! += 1
  }
  let [found, bucket] = [0, BUCKETS + 1]
  while (bucket > 0 && found < count) {
    bucket -= 1
    found += buckets[bucket] as number
  }
  const least = bucket / BUCKETS
  const slots = new Int32Array(found)
  let size = 0
  for (let slot = 0; slot < similarities.length; slot += 1) {
    const similarity = similarities[slot] as number
    if (similarity > 0 && similarity >= least) slots[size++] = slot
  }
  return { slots, similarities, cut: bucket > 0 }
}

/** Returns those of the nearest examples that say something of a model; undefined if there may be others to be asked. */
function tellingOf({ slots, cut }: Near, { quality }: ModelColumn, count: number): Int32Array | undefined {
  const telling = slots.filter((slot) => !Number.isNaN(quality[slot]))
  return telling.length >= count || !cut ? telling : undefined
}

/**
 * Returns the means of the examples most like a request, weighed by their similarity: about `count` that say something of
 * the model. undefined if none is alike at all.
 */
export function nearestMean(near: Near, column: ModelColumn, count: number): NearEstimate | undefined {
  const { similarities } = near
  let telling = tellingOf(near, column, count)
  if (telling === undefined) {
    const its = similarities.map((similarity, slot) => (Number.isNaN(column.quality[slot]) ? 0 : similarity))
    telling = nearestOf(its, count).slots
  }
  let [weights, sum, tokenWeights, tokens, nearest] = [0, 0, 0, 0, 0]
  for (const slot of telling) {
    const similarity = similarities[slot] as number
    nearest = Math.max(nearest, similarity)
    weights += similarity
    sum += similarity * (column.quality[slot] as number)
    const length = column.outputTokens[slot] as number
    if (Number.isNaN(length)) continue
    tokenWeights += similarity
    tokens += similarity * length
  }
  if (weights === 0) return undefined
  return { quality: sum / weights, outputTokens: tokenWeights === 0 ? undefined : tokens / tokenWeights, nearest }
}
