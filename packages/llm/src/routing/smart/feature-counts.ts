import { FEATURES } from './feature-hash.js'

/** Is a set of features with how often each occurs. */
export interface Counted {
  readonly features: Uint16Array
  readonly counts: Float32Array
}

/** Counts how often each feature occurs, for one text after the other. */
export class FeatureCounter {
  #features: number[] = []
  #counts: number[] = []
  /** Where each feature is in the lists, plus one. */
  readonly #places = new Uint16Array(FEATURES)

  add(feature: number): void {
    const place = this.#places[feature] as number
    if (place > 0) {
      this.#counts[place - 1]! += 1
      return
    }
    this.#features.push(feature)
    this.#counts.push(1)
    this.#places[feature] = this.#features.length
  }

  /** Returns what was counted, and begins anew. */
  take(): Counted {
    const counted = { features: Uint16Array.from(this.#features), counts: Float32Array.from(this.#counts) }
    for (const feature of this.#features) this.#places[feature] = 0
    this.#features = []
    this.#counts = []
    return counted
  }
}
