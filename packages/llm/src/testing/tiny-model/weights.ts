import type { ByteVocabulary, Liking } from './byte-vocabulary.js'
import type { GgufTensor } from './gguf-file.js'

/** Is the shape of the tiny model. */
export const SHAPE = { layers: 2, width: 32, heads: 4, keyHeads: 2, headWidth: 8, inner: 48, context: 2_048 } as const

/** How much a token is preferred, whatever came before, in natural logarithms. */
export const LIKINGS: Readonly<Record<Liking, number>> = {
  word: 0,
  quote: 1.7,
  lead: -0.5,
  turnEnd: 0.5,
  piece: -8,
  character: -8,
  never: -60,
}

/** Returns numbers between -1 and 1 around 0, the same for a seed on every machine: only exact arithmetic makes them. */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
  return () => (uniform() + uniform() + uniform() + uniform()) / 2 - 1
}

/** Makes the tensors of a model. The first columns of its state are set by hand, and no layer changes them. */
class Weights {
  readonly tensors: GgufTensor[] = []
  readonly #roll: () => number
  readonly #reserved: number

  constructor(seed: number, reserved: number) {
    this.#roll = dice(seed)
    this.#reserved = reserved
  }

  ones(name: string, columns: number): void {
    this.tensors.push({ name, columns, values: new Float32Array(columns).fill(1) })
  }

  random(name: string, { columns, rows, scale }: { columns: number; rows: number; scale: number }): Float32Array {
    const values = Float32Array.from({ length: columns * rows }, () => this.#roll() * scale)
    this.tensors.push({ name, columns, rows, values })
    return values
  }

  /** A matrix that adds to the state: nothing to its reserved part. */
  adding(name: string, columns: number): void {
    this.random(name, { columns, rows: SHAPE.width, scale: 0.6 }).fill(0, 0, this.#reserved * columns)
  }
}

function addLayer(weights: Weights, layer: number): void {
  const { width, headWidth, heads, keyHeads, inner } = SHAPE
  const name = (part: string): string => `blk.${layer}.${part}.weight`
  weights.ones(name('attn_norm'), width)
  weights.random(name('attn_q'), { columns: width, rows: heads * headWidth, scale: 0.8 })
  weights.random(name('attn_k'), { columns: width, rows: keyHeads * headWidth, scale: 0.8 })
  weights.random(name('attn_v'), { columns: width, rows: keyHeads * headWidth, scale: 0.8 })
  weights.adding(name('attn_output'), heads * headWidth)
  weights.ones(name('ffn_norm'), width)
  weights.random(name('ffn_gate'), { columns: width, rows: inner, scale: 0.8 })
  weights.random(name('ffn_up'), { columns: width, rows: inner, scale: 0.8 })
  weights.adding(name('ffn_down'), inner)
}

/**
 * Makes the weights for a vocabulary: at random, but for how readily each token is said (column 0), and for bytes that must
 * follow each other (a column for each such pair).
 */
export function tinyWeights({ tokens, chains }: ByteVocabulary, seed: number): readonly GgufTensor[] {
  const { width, layers } = SHAPE
  const reserved = 1 + chains.length
  const weights = new Weights(seed, reserved)
  const said = weights.random('token_embd.weight', { columns: width, rows: tokens.length, scale: 2 })
  for (const token of tokens.keys()) {
    said.fill(0, token * width, token * width + reserved)
    said[token * width] = 1
  }
  for (let layer = 0; layer < layers; layer += 1) addLayer(weights, layer)
  weights.ones('output_norm.weight', width)
  const liked = weights.random('output.weight', { columns: width, rows: tokens.length, scale: 1 })
  for (const [token, { liking }] of tokens.entries()) {
    liked.fill(0, token * width, token * width + reserved)
    liked[token * width] = LIKINGS[liking]
  }
  for (const [index, [from, to]] of chains.entries()) {
    said[from * width + 1 + index] = 8
    liked[to * width + 1 + index] = 100
  }
  return weights.tensors
}
