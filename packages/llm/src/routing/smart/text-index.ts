import { damped, DocumentCounts } from './document-counts.js'
import type { Counted } from './feature-counts.js'
import { FEATURES } from './feature-hash.js'
import type { TextFeatures } from './text-features.js'

/** Says how similar stored examples are to a request. */
export interface SimilarityIndex<Key> {
  add(slot: number, key: Key): void
  remove(slot: number, key: Key): void
  /** Writes the similarity, from 0 to 1, of each slot to `into`, which holds zeros. */
  similarities(key: Key, into: Float32Array): void
}

/** Features that are in so large a share of the texts are not followed: they tell little and cost most. */
const COMMON_SHARE = 0.1
/** Texts before there is anything to say about shares. */
const FEW_TEXTS = 64
/** Places that are looked at for one request; of long ones the features that are in most texts are left out first. */
const MOST_PLACES = 100_000
/** What remains of the share that is followed when there are too many places. */
const NARROWING = 0.8

/** Is where a feature occurs: slots, and its damped count there. */
interface Posting {
  slots: Int32Array
  weights: Float32Array
  size: number
}

/** Finds similar texts by cosine of TF-IDF, through lists of where each feature occurs. */
export class TextIndex implements SimilarityIndex<TextFeatures> {
  readonly #postings: (Posting | undefined)[] = new Array<Posting | undefined>(FEATURES)
  readonly #documents = new DocumentCounts()
  readonly #lengths: Float32Array
  readonly #texts: (TextFeatures | undefined)[]
  /** Additions since the lengths were last computed: rarities, which they are made of, drift. */
  #stale = 0

  constructor(slots: number) {
    this.#lengths = new Float32Array(slots)
    this.#texts = new Array<TextFeatures | undefined>(slots)
  }

  add(slot: number, text: TextFeatures): void {
    const { features, counts } = text.near
    this.#documents.add(text.near)
    for (let at = 0; at < features.length; at += 1)
      this.#post(features[at] as number, slot, damped(counts[at] as number))
    this.#texts[slot] = text
    this.#lengths[slot] = this.#lengthOf(text)
    this.#stale += 1
    if (this.#stale >= Math.max(FEW_TEXTS, this.#documents.texts / 2)) this.#measure()
  }

  remove(slot: number, text: TextFeatures): void {
    this.#documents.remove(text.near)
    this.#texts[slot] = undefined
    for (const feature of text.near.features) {
      const posting = this.#postings[feature]
      const at = posting?.slots.subarray(0, posting.size).indexOf(slot) ?? -1
      if (posting === undefined || at < 0) continue
      posting.size -= 1
      posting.slots[at] = posting.slots[posting.size] as number
      posting.weights[at] = posting.weights[posting.size] as number
    }
  }

  similarities({ near }: TextFeatures, into: Float32Array): void {
    const documents = this.#documents
    const most = this.#mostOf(near)
    let square = 0
    for (let at = 0; at < near.features.length; at += 1) {
      const feature = near.features[at] as number
      const rarity = documents.rarity(feature)
      const weight = damped(near.counts[at] as number) * rarity
      square += weight * weight
      const posting = this.#postings[feature]
      if (posting === undefined || posting.size > most) continue
      const { slots, weights, size } = posting
      const both = weight * rarity
      for (let index = 0; index < size; index += 1) into[slots[index] as number]! += both * (weights[index] as number)
    }
    const length = Math.sqrt(square)
    for (let slot = 0; slot < into.length; slot += 1) {
      const similarity = into[slot] as number
      if (similarity > 0) into[slot] = Math.min(1, similarity / (length * (this.#lengths[slot] as number)))
    }
  }

  /** Returns in how many texts a feature of a request may be, so that following all that are in no more is quick. */
  #mostOf({ features }: Counted): number {
    const { texts } = this.#documents
    let most = texts < FEW_TEXTS ? texts : COMMON_SHARE * texts
    while (this.#placesOf(features, most) > MOST_PLACES) most *= NARROWING
    return most
  }

  /** Counts the places of those features that are in no more texts than that. */
  #placesOf(features: Uint16Array, most: number): number {
    let places = 0
    for (const feature of features) {
      const size = this.#postings[feature]?.size ?? 0
      if (size <= most) places += size
    }
    return places
  }

  #post(feature: number, slot: number, weight: number): void {
    const posting = (this.#postings[feature] ??= { slots: new Int32Array(2), weights: new Float32Array(2), size: 0 })
    if (posting.size === posting.slots.length) {
      const [slots, weights] = [new Int32Array(2 * posting.size), new Float32Array(2 * posting.size)]
      slots.set(posting.slots)
      weights.set(posting.weights)
      posting.slots = slots
      posting.weights = weights
    }
    posting.slots[posting.size] = slot
    posting.weights[posting.size] = weight
    posting.size += 1
  }

  #measure(): void {
    this.#stale = 0
    this.#texts.forEach((text, slot) => {
      if (text !== undefined) this.#lengths[slot] = this.#lengthOf(text)
    })
  }

  #lengthOf({ near: { features, counts } }: TextFeatures): number {
    let square = 0
    for (let at = 0; at < features.length; at += 1) {
      const weight = damped(counts[at] as number) * this.#documents.rarity(features[at] as number)
      square += weight * weight
    }
    // What is everywhere has no length; nothing is similar to it.
    return Math.sqrt(square) || Number.POSITIVE_INFINITY
  }
}
