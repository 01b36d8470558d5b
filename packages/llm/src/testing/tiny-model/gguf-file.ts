/** Is a value in the head of a GGUF file. */
export type GgufValue =
  | { readonly type: 'uint32' | 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'int32s'; readonly value: readonly number[] }

/** Is a matrix, or a vector where it has one row, of 32-bit floats. */
export interface GgufTensor {
  readonly name: string
  readonly columns: number
  readonly rows?: number | undefined
  readonly values: Float32Array
}

/** Numbers of the types in the format, version 3. */
const TYPE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const
const MAGIC = 0x46554747
const VERSION = 3
const FLOAT32 = 0
const ALIGNMENT = 32

/** Collects little-endian bytes. */
class ByteSink {
  readonly #parts: Buffer[] = []
  length = 0

  bytes(part: Buffer): void {
    this.#parts.push(part)
    this.length += part.length
  }

  uint32(value: number): void {
    const part = Buffer.alloc(4)
    part.writeUInt32LE(value)
    this.bytes(part)
  }

  int32(value: number): void {
    const part = Buffer.alloc(4)
    part.writeInt32LE(value)
    this.bytes(part)
  }

  float32(value: number): void {
    const part = Buffer.alloc(4)
    part.writeFloatLE(value)
    this.bytes(part)
  }

  uint64(value: number): void {
    const part = Buffer.alloc(8)
    part.writeBigUInt64LE(BigInt(value))
    this.bytes(part)
  }

  string(value: string): void {
    const part = Buffer.from(value)
    this.uint64(part.length)
    this.bytes(part)
  }

  /** Fills up to the next place where data may begin. */
  align(): void {
    this.bytes(Buffer.alloc((ALIGNMENT - (this.length % ALIGNMENT)) % ALIGNMENT))
  }

  joined(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

function writeArray(sink: ByteSink, type: number, length: number): void {
  sink.uint32(TYPE.array)
  sink.uint32(type)
  sink.uint64(length)
}

function writeValue(sink: ByteSink, field: GgufValue): void {
  switch (field.type) {
    case 'uint32':
    case 'float32':
      sink.uint32(TYPE[field.type])
      sink[field.type](field.value)
      return
    case 'bool':
      sink.uint32(TYPE.bool)
      sink.bytes(Buffer.of(field.value ? 1 : 0))
      return
    case 'string':
      sink.uint32(TYPE.string)
      sink.string(field.value)
      return
    case 'strings':
      writeArray(sink, TYPE.string, field.value.length)
      for (const text of field.value) sink.string(text)
      return
    case 'int32s':
      writeArray(sink, TYPE.int32, field.value.length)
      for (const number of field.value) sink.int32(number)
  }
}

const paddedBytes = ({ values }: GgufTensor): number => Math.ceil(values.byteLength / ALIGNMENT) * ALIGNMENT

function writeTensorHeads(sink: ByteSink, tensors: readonly GgufTensor[]): void {
  let offset = 0
  for (const tensor of tensors) {
    const { name, columns, rows } = tensor
    sink.string(name)
    sink.uint32(rows === undefined ? 1 : 2)
    sink.uint64(columns)
    if (rows !== undefined) sink.uint64(rows)
    sink.uint32(FLOAT32)
    sink.uint64(offset)
    offset += paddedBytes(tensor)
  }
}

/** Writes a model in the GGUF format: its description, then its tensors. */
export function ggufFile(head: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Buffer {
  const sink = new ByteSink()
  sink.uint32(MAGIC)
  sink.uint32(VERSION)
  sink.uint64(tensors.length)
  sink.uint64(Object.keys(head).length)
  for (const [name, value] of Object.entries(head)) {
    sink.string(name)
    writeValue(sink, value)
  }
  writeTensorHeads(sink, tensors)
  sink.align()
  for (const { values } of tensors) {
    const data = Buffer.alloc(values.byteLength)
    for (const [index, value] of values.entries()) data.writeFloatLE(value, index * 4)
    sink.bytes(data)
    sink.align()
  }
  return sink.joined()
}
