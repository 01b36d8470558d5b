import type { Weighed } from './document-counts.js'
import { FEATURES } from './feature-hash.js'

/** Step of learning: each example moves the prediction for itself by about this share of what it was wrong by. */
const STEP = 0.1
/** Share that the mean keeps learning at, so that it follows a model that changes. */
const SLOWEST_MEAN = 0.005
/** Weight of each class of complexity beside the text, whose length is 1. */
const COMPLEXITY_WEIGHT = 0.15

/** Is what a linear model sees of a request. */
export interface LinearInput {
  readonly text: Weighed
  readonly complexity: Uint16Array
}

/** Predicts the quality of one model from words and complexity, and learns one example at a time by least mean squares. */
export class LinearModel {
  readonly #text = new Float32Array(FEATURES)
  readonly #complexity = new Float32Array(FEATURES)
  #mean = 0
  #examples = 0

  predict({ text, complexity }: LinearInput): number {
    let sum = this.#mean
    const { features, weights } = text
    for (let at = 0; at < features.length; at += 1)
      sum += (this.#text[features[at] as number] as number) * (weights[at] as number)
    for (const feature of complexity) sum += (this.#complexity[feature] as number) * COMPLEXITY_WEIGHT
    return sum
  }

  learn(input: LinearInput, quality: number): void {
    this.#examples += 1
    this.#mean += (quality - this.#mean) * Math.max(SLOWEST_MEAN, 1 / this.#examples)
    const step = STEP * (quality - this.predict(input))
    const { features, weights } = input.text
    for (let at = 0; at < features.length; at += 1)
      this.#text[features[at] as number]! += step * (weights[at] as number)
    for (const feature of input.complexity) this.#complexity[feature]! += step * COMPLEXITY_WEIGHT
  }
}
