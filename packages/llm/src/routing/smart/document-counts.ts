import { FEATURES } from './feature-hash.js'
import type { Counted } from './feature-counts.js'

/** Is a set of features with the weight of each. */
export interface Weighed {
  readonly features: Uint16Array
  readonly weights: Float32Array
}

/** Knows how rare each feature is among the texts that were seen: what is in all of them says nothing. */
export class DocumentCounts {
  readonly #counts = new Uint32Array(FEATURES)
  #texts = 0

  /** Texts that were counted. */
  get texts(): number {
    return this.#texts
  }

  add({ features }: Counted): void {
    this.#texts += 1
    for (const feature of features) this.#counts[feature]! += 1
  }

  remove({ features }: Counted): void {
    this.#texts -= 1
    for (const feature of features) this.#counts[feature]! -= 1
  }

  /** Returns how much a feature tells. */
  rarity(feature: number): number {
    return Math.log(this.#texts + 1) - Math.log((this.#counts[feature] as number) + 1)
  }

  /** Weighs the features of a text by TF-IDF, to length 1. */
  weigh({ features, counts }: Counted): Weighed {
    const weights = new Float32Array(features.length)
    let square = 0
    for (let at = 0; at < features.length; at += 1) {
      const weight = damped(counts[at] as number) * this.rarity(features[at] as number)
      weights[at] = weight
      square += weight * weight
    }
    const length = Math.sqrt(square)
    if (length > 0) for (let at = 0; at < weights.length; at += 1) weights[at]! /= length
    return { features, weights }
  }
}

/** Damps how often a feature occurs: ten times is not ten times as telling. */
export function damped(count: number): number {
  return 1 + Math.log(count)
}
