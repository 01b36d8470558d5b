import { DocumentCounts } from './document-counts.js'
import type { Memory } from './example.js'
import { LinearModel, type LinearInput } from './linear-model.js'
import { nearestMean, nearestOf, type ModelColumn, type NearEstimate } from './nearest.js'
import { TaskMeans } from './task-means.js'
import { TextIndex } from './text-index.js'
import { VectorIndex } from './vector-index.js'

/** Models whose quality is remembered; beyond it the one whose first example is the oldest goes. */
const MOST_MODELS = 64
/** Share that what was predicted wrong lately is corrected by, with each answer that was judged. */
const DRIFT = 0.02
/** Examples of a model, or of a task, before anything is said about it. */
const FEWEST = 8

/** Is how {@link QualityHistory} is made. */
export interface HistoryOptions {
  /** Most examples that are kept. */
  readonly examples: number
  readonly neighbours: number
  /** Least similarity of the nearest example at which a request is known at all. */
  readonly minSimilarity: number
}

/** Is what the history says of a model for one request. */
export interface Prediction {
  /** About 0 to 1: sums of what several say may stray a little beyond. */
  readonly quality: number
  readonly outputTokens: number | undefined
}

/** Is a request that predictions are asked for. */
export type Asked = Pick<Memory, 'features' | 'vector' | 'task'>

interface ModelHistory extends ModelColumn {
  readonly linear: LinearModel
  readonly tasks: TaskMeans
  examples: number
  drift: number
}

/** Predicts how well models will do a request, from how well they did others. */
export class QualityHistory {
  readonly #options: HistoryOptions
  readonly #memories: (Memory | undefined)[]
  readonly #models = new Map<string, ModelHistory>()
  readonly #texts: TextIndex
  readonly #vectors: VectorIndex
  readonly #rarities = new DocumentCounts()
  readonly #similarities: Float32Array
  #next = 0

  constructor(options: HistoryOptions) {
    this.#options = options
    this.#memories = new Array<Memory | undefined>(options.examples)
    this.#texts = new TextIndex(options.examples)
    this.#vectors = new VectorIndex(options.examples)
    this.#similarities = new Float32Array(options.examples)
  }

  /** Returns what is expected of each model; a model of which too little is known for the request is left out. */
  predict(asked: Asked, models: readonly string[]): ReadonlyMap<string, Prediction> {
    const found = new Map<string, Prediction>()
    const known = models.filter((model) => (this.#models.get(model)?.examples ?? 0) >= FEWEST)
    if (known.length === 0) return found
    const { neighbours } = this.#options
    const nearest = nearestOf(this.#near(asked), neighbours)
    const input = this.#inputOf(asked)
    for (const model of known) {
      const history = this.#models.get(model) as ModelHistory
      const near = nearestMean(nearest, history, neighbours)
      const prediction = this.#blend({ history, near, input, task: asked.task })
      if (prediction !== undefined) found.set(model, prediction)
    }
    return found
  }

  /** Returns how many examples of a model there are. */
  examplesOf(model: string): number {
    return this.#models.get(model)?.examples ?? 0
  }

  /** Learns an example, as a whole or, where it throws, not at all; the oldest goes where there is no room. */
  learn(memory: Memory): Memory | undefined {
    const outcomes = Object.entries(memory.outcomes).map(
      ([model, { quality, outputTokens }]) => [model, quality, outputTokens ?? Number.NaN] as const,
    )
    if (memory.vector !== undefined) this.#vectors.makeRoom(memory.vector)
    const slot = this.#next
    this.#next = (slot + 1) % this.#memories.length
    const gone = this.#memories[slot]
    if (gone !== undefined) this.#forget(slot, gone)
    this.#memories[slot] = memory
    this.#texts.add(slot, memory.features)
    if (memory.vector !== undefined) this.#vectors.add(slot, memory.vector)
    this.#rarities.add(memory.features.wide)
    const input = this.#inputOf(memory)
    for (const [model, quality, outputTokens] of outcomes) {
      const history = this.#taken(model)
      history.quality[slot] = quality
      history.outputTokens[slot] = outputTokens
      history.examples += 1
      history.linear.learn(input, quality)
      history.tasks.learn(memory.task, quality)
    }
    return gone
  }

  /** Learns by how much the answers of a model were better or worse than predicted: it may have been changed. */
  correct(model: string, surprise: number): void {
    const history = this.#models.get(model)
    if (history !== undefined) history.drift += DRIFT * surprise
  }

  /** Means what the nearest examples, the linear model and the declared task say, each as much as the others. */
  #blend({ history, near, input, task }: Evidence): Prediction | undefined {
    const ofTask = task === undefined ? undefined : history.tasks.predict(task)
    const isKnown = (near?.nearest ?? 0) >= this.#options.minSimilarity || ofTask !== undefined
    if (!isKnown) return undefined
    const said = [near?.quality, history.linear.predict(input), ofTask].filter((each) => each !== undefined)
    const mean = said.reduce((sum, each) => sum + each, 0) / said.length
    return { quality: mean + history.drift, outputTokens: near?.outputTokens }
  }

  #near({ features, vector }: Asked): Float32Array {
    const similarities = this.#similarities.fill(0)
    if (vector === undefined || !this.#vectors.compares(vector)) this.#texts.similarities(features, similarities)
    else this.#vectors.similarities(vector, similarities)
    return similarities
  }

  #inputOf({ features }: Asked): LinearInput {
    return { text: this.#rarities.weigh(features.wide), complexity: features.complexity }
  }

  #forget(slot: number, gone: Memory): void {
    this.#texts.remove(slot, gone.features)
    if (gone.vector !== undefined) this.#vectors.remove(slot)
    this.#rarities.remove(gone.features.wide)
    for (const model of Object.keys(gone.outcomes)) {
      const history = this.#models.get(model)
      // One that was forgotten meanwhile, and came back, does not know this example.
      if (history === undefined || Number.isNaN(history.quality[slot])) continue
      history.quality[slot] = Number.NaN
      history.examples -= 1
    }
  }

  #taken(model: string): ModelHistory {
    const known = this.#models.get(model)
    if (known !== undefined) return known
    const [oldest] = this.#models.keys()
    if (this.#models.size >= MOST_MODELS && oldest !== undefined) this.#models.delete(oldest)
    const column = (): Float32Array => new Float32Array(this.#memories.length).fill(Number.NaN)
    const history: ModelHistory = {
      quality: column(),
      outputTokens: column(),
      linear: new LinearModel(),
      tasks: new TaskMeans(),
      examples: 0,
      drift: 0,
    }
    this.#models.set(model, history)
    return history
  }
}

interface Evidence {
  readonly history: ModelHistory
  readonly near: NearEstimate | undefined
  readonly input: LinearInput
  readonly task: string | undefined
}
