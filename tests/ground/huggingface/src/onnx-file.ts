/** Is a tensor with its values, or an input or output without. */
export interface OnnxTensor {
  readonly name: string
  readonly dims: readonly number[]
  readonly values: Float32Array | readonly bigint[]
}

/** Is what a model takes or gives; a dimension by name is as large as it comes. */
export interface OnnxValue {
  readonly name: string
  readonly type: 'float32' | 'int64'
  readonly dims: readonly (number | string)[]
}

/** Is one operation of a model. */
export interface OnnxNode {
  readonly type: string
  readonly inputs: readonly string[]
  readonly output: string
  /** Whole numbers, or lists of them, by name. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>> | undefined
}

/** Is a model: what it computes from what. */
export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly constants: readonly OnnxTensor[]
  readonly nodes: readonly OnnxNode[]
}

const TYPE = { float32: 1, int64: 7 } as const
const INT = 2
const INTS = 7
const IR_VERSION = 8
const OPSET = 17

function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  // Negative numbers are written as the 64 bits that they are.
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn)
    if (rest < 0x80n) return Buffer.from([...bytes, low])
    bytes.push(low | 0x80)
  }
}

const number = (field: number, value: number | bigint): Buffer => Buffer.concat([varint(field << 3), varint(value)])

function block(field: number, content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string)
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes])
}

const message = (field: number, parts: readonly Buffer[]): Buffer => block(field, Buffer.concat(parts))

function attribute(name: string, value: number | readonly number[]): Buffer {
  const content = typeof value === 'number' ? [number(3, value)] : value.map((each) => number(8, each))
  return message(5, [block(1, name), ...content, number(20, typeof value === 'number' ? INT : INTS)])
}

function node({ type, inputs, output, attributes = {} }: OnnxNode): Buffer {
  const given = Object.entries(attributes).map(([name, value]) => attribute(name, value))
  return message(1, [...inputs.map((input) => block(1, input)), block(2, output), block(4, type), ...given])
}

function constant({ name, dims, values }: OnnxTensor): Buffer {
  const isFloat = values instanceof Float32Array
  const data = Buffer.alloc(values.length * (isFloat ? 4 : 8))
  if (isFloat) for (const [at, value] of values.entries()) data.writeFloatLE(value, at * 4)
  else for (const [at, value] of values.entries()) data.writeBigInt64LE(value, at * 8)
  const sizes = dims.map((size) => number(1, size))
  return message(5, [...sizes, number(2, isFloat ? TYPE.float32 : TYPE.int64), block(8, name), block(9, data)])
}

function value(field: number, { name, type, dims }: OnnxValue): Buffer {
  const sizes = dims.map((size) => message(1, [typeof size === 'number' ? number(1, size) : block(2, size)]))
  const tensor = message(1, [number(1, TYPE[type]), message(2, sizes)])
  return message(field, [block(1, name), message(2, [tensor])])
}

/** Writes a model in the ONNX format. */
export function onnxFile({ inputs, outputs, constants, nodes }: OnnxGraph): Buffer {
  const graph = [
    ...nodes.map(node),
    block(2, 'tiny'),
    ...constants.map(constant),
    ...inputs.map((input) => value(11, input)),
    ...outputs.map((output) => value(12, output)),
  ]
  return Buffer.concat([number(1, IR_VERSION), message(7, graph), message(8, [block(1, ''), number(2, OPSET)])])
}
