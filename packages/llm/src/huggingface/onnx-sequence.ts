import type { DynamicCache } from '@huggingface/transformers'
import type { CoreRequest } from '@aios/kernel'
import type { Hold, LocalSequence } from '../local/local-engine.js'
import type { SequencePool } from '../local/sequence-pool.js'
import type { HuggingfaceOptions } from './huggingface-options.js'
import type { OnnxModel } from './onnx-model.js'
import { chosenToken } from './token-choice.js'

/** Is a place for one answer: what the model keeps of the tokens it has read. */
export interface Place {
  cache: DynamicCache
}

/** Is what one answer needs of the engine. */
export interface OnnxHold {
  readonly model: OnnxModel
  readonly pool: SequencePool<Place>
  readonly place: Place
  readonly request: CoreRequest
  readonly hold: Hold
  /** Prompt tokens that are read in one go. */
  readonly batchSize: number
  readonly hook: HuggingfaceOptions['logits']
}

/** Is one answer's place in front of a model of ONNX Runtime. */
export class OnnxSequence implements LocalSequence {
  readonly canSave = true
  readonly #held: OnnxHold

  constructor(held: OnnxHold) {
    this.#held = held
  }

  get readTokens(): number {
    return this.#held.place.cache.get_seq_length()
  }

  async draw(drawn: readonly number[]): Promise<number> {
    const { model, place, request, hold, batchSize, hook } = this.#held
    const { prompt, sampling, signal } = hold
    const all = [...prompt, ...drawn]
    while (all.length - this.readTokens > batchSize) {
      signal.throwIfAborted()
      await model.read(place.cache, all.slice(0, this.readTokens + batchSize))
    }
    signal.throwIfAborted()
    return model.read(place.cache, all, (logits) => {
      hook?.({ request, prompt, tokens: drawn, logits })
      return chosenToken(logits, sampling, drawn.length)
    })
  }

  async save(): Promise<Uint8Array> {
    return this.#held.model.save(this.#held.place.cache)
  }

  async load(memory: Uint8Array): Promise<void> {
    const { model, place } = this.#held
    model.load(place.cache, memory)
    return Promise.resolve()
  }

  /** Nothing but the memory and the tokens decides how it goes on. */
  replay(): void {
    return
  }

  release(idle: Promise<unknown>): void {
    this.#held.pool.release(this.#held.place, idle)
  }
}
