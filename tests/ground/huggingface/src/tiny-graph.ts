import type { ByteVocabulary } from '../../../../packages/llm/src/testing/tiny-model/byte-vocabulary.js'
import { dice, LIKINGS } from '../../../../packages/llm/src/testing/tiny-model/weights.js'
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx-file.js'

/** Is the shape of the tiny model. */
export const SHAPE = { layers: 1, width: 16, heads: 2, headWidth: 8, context: 1_024 } as const

const INTEGERS = { 'axes-2': [2n], 'axes-1-3': [1n, 3n], heads: [0n, 0n, 2n, 8n], joined: [0n, 0n, 16n] }
const SCALARS = { zero: 0n, one: 1n, two: 2n }
const cache = (length: string): readonly (number | string)[] => ['batch', SHAPE.heads, length, SHAPE.headWidth]

/** Makes the constants. The first columns of the state are set by hand, and attention does not change them. */
function constantsFor({ tokens, chains }: ByteVocabulary, seed: number): readonly OnnxTensor[] {
  const { width } = SHAPE
  const reserved = 1 + chains.length
  const roll = dice(seed)
  const random = (length: number, scale: number): Float32Array => Float32Array.from({ length }, () => roll() * scale)
  const said = random(tokens.length * width, 2)
  const liked = random(width * tokens.length, 1.2)
  const [query, key, taken] = [random(width ** 2, 0.6), random(width ** 2, 0.6), random(width ** 2, 0.8)]
  const added = random(width ** 2, 0.8)
  const frequency = Float32Array.from({ length: width }, (_, column) => (column < reserved ? 0 : 0.03 * column))
  for (let row = 0; row < width; row += 1) added.fill(0, row * width, row * width + reserved)
  for (const [token, { liking }] of tokens.entries()) {
    said.fill(0, token * width, token * width + reserved)
    said[token * width] = 1
    for (let row = 0; row < reserved; row += 1) liked[row * tokens.length + token] = row === 0 ? LIKINGS[liking] : 0
  }
  for (const [index, [from, to]] of chains.entries()) {
    said[from * width + 1 + index] = 8
    liked[(1 + index) * tokens.length + to] = 100
  }
  const square = [width, width]
  return [
    { name: 'said', dims: [tokens.length, width], values: said },
    { name: 'liked', dims: [width, tokens.length], values: liked },
    { name: 'query', dims: square, values: query },
    { name: 'key', dims: square, values: key },
    { name: 'value', dims: square, values: taken },
    { name: 'added', dims: square, values: added },
    { name: 'frequency', dims: [width], values: frequency },
    { name: 'hidden', dims: [], values: Float32Array.of(-1e9) },
    ...Object.entries(INTEGERS).map(([name, values]) => ({ name, dims: [values.length], values })),
    ...Object.entries(SCALARS).map(([name, value]) => ({ name, dims: [], values: [value] })),
  ]
}

type Step = readonly [output: string, type: string, inputs: string, attributes?: OnnxNode['attributes']]

const head = (name: string): readonly Step[] => [
  [`${name}-flat`, 'MatMul', `state ${name}`],
  [`${name}-split`, 'Reshape', `${name}-flat heads`],
  [`${name}-new`, 'Transpose', `${name}-split`, { perm: [0, 2, 1, 3] }],
]

/** One layer of attention over all tokens so far, without norms. */
const STEPS: readonly Step[] = [
  ['embedded', 'Gather', 'said input_ids'],
  ['position', 'Cast', 'position_ids', { to: 1 }],
  ['position-row', 'Unsqueeze', 'position axes-2'],
  ['angle', 'Mul', 'position-row frequency'],
  ['wave', 'Sin', 'angle'],
  ['state', 'Add', 'embedded wave'],
  ...head('query'),
  ...head('key'),
  ...head('value'),
  ['present.0.key', 'Concat', 'past_key_values.0.key key-new', { axis: 2 }],
  ['present.0.value', 'Concat', 'past_key_values.0.value value-new', { axis: 2 }],
  ['key-turned', 'Transpose', 'present.0.key', { perm: [0, 1, 3, 2] }],
  ['scores', 'MatMul', 'query-new key-turned'],
  ['key-shape', 'Shape', 'present.0.key'],
  ['total', 'Gather', 'key-shape two'],
  ['key-places', 'Range', 'zero total one'],
  ['places', 'Unsqueeze', 'position_ids axes-1-3'],
  ['later', 'Greater', 'key-places places'],
  ['seen', 'Where', 'later hidden scores'],
  ['shares', 'Softmax', 'seen', { axis: -1 }],
  ['mixed', 'MatMul', 'shares present.0.value'],
  ['mixed-turned', 'Transpose', 'mixed', { perm: [0, 2, 1, 3] }],
  ['mixed-flat', 'Reshape', 'mixed-turned joined'],
  ['change', 'MatMul', 'mixed-flat added'],
  ['thought', 'Add', 'state change'],
  ['logits', 'MatMul', 'thought liked'],
]

/** Makes a language model of random weights, which speaks in whole characters. */
export function tinyGraph(vocabulary: ByteVocabulary, seed: number): OnnxGraph {
  const past = (name: string) => ({ name: `past_key_values.0.${name}`, type: 'float32', dims: cache('past') }) as const
  const present = (name: string) => ({ name: `present.0.${name}`, type: 'float32', dims: cache('total') }) as const
  return {
    inputs: [
      { name: 'input_ids', type: 'int64', dims: ['batch', 'length'] },
      { name: 'attention_mask', type: 'int64', dims: ['batch', 'total'] },
      { name: 'position_ids', type: 'int64', dims: ['batch', 'length'] },
      past('key'),
      past('value'),
    ],
    outputs: [
      { name: 'logits', type: 'float32', dims: ['batch', 'length', vocabulary.tokens.length] },
      present('key'),
      present('value'),
    ],
    constants: constantsFor(vocabulary, seed),
    nodes: STEPS.map(([output, type, inputs, attributes]) => ({ output, type, inputs: inputs.split(' '), attributes })),
  }
}
