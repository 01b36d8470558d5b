import type { Memory, Outcome } from './example.js'
import type { Counted } from './feature-counts.js'

/** Version of the form below, and of how features are hashed: what was written in another one cannot be compared. */
const FORM = 1

/** Is what stands before the numbers, as JSON. */
interface Header {
  readonly form: number
  readonly task?: string
  readonly outcomes: Readonly<Record<string, Outcome>>
  /** How many numbers follow: near and wide features, classes of complexity, dimensions of the vector. */
  readonly sizes: readonly [number, number, number, number]
}

/** Writes a memory as bytes: features as 16 bits with their counts as 8, a vector as 32-bit floats. */
export function encodeMemory({ features, vector, task, outcomes }: Memory): Uint8Array {
  const { near, wide, complexity } = features
  const sizes = [near.features.length, wide.features.length, complexity.length, vector?.length ?? 0] as const
  const header: Header = { form: FORM, ...(task !== undefined && { task }), outcomes, sizes: [...sizes] }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const bytes = new Uint8Array(4 + text.length + 3 * (sizes[0] + sizes[1]) + 2 * sizes[2] + 4 * sizes[3])
  const view = new DataView(bytes.buffer)
  view.setUint32(0, text.length)
  bytes.set(text, 4)
  let at = 4 + text.length
  for (const { features: names, counts } of [near, wide]) {
    names.forEach((name, index) => {
      view.setUint16(at, name)
      view.setUint8(at + 2, Math.min(255, counts[index] as number))
      at += 3
    })
  }
  for (const name of complexity) {
    view.setUint16(at, name)
    at += 2
  }
  for (const value of vector ?? []) {
    view.setFloat32(at, value)
    at += 4
  }
  return bytes
}

/** Reads a memory; undefined if the bytes are none, or of another form. */
export function decodeMemory(bytes: Uint8Array): Memory | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const header = headerOf(bytes, view)
  if (header === undefined) return undefined
  const { task, outcomes, sizes } = header
  let at = 4 + view.getUint32(0)
  const [near, wide, classes, dimensions] = sizes
  if (bytes.length !== at + 3 * (near + wide) + 2 * classes + 4 * dimensions) return undefined
  const counted = (size: number): Counted => {
    const read = { features: new Uint16Array(size), counts: new Float32Array(size) }
    for (let index = 0; index < size; index += 1, at += 3) {
      read.features[index] = view.getUint16(at)
      read.counts[index] = view.getUint8(at + 2)
    }
    return read
  }
  const features = { near: counted(near), wide: counted(wide), complexity: new Uint16Array(classes) }
  for (let index = 0; index < classes; index += 1, at += 2) features.complexity[index] = view.getUint16(at)
  const vector = dimensions === 0 ? undefined : new Float32Array(dimensions)
  for (let index = 0; index < dimensions; index += 1, at += 4) (vector as Float32Array)[index] = view.getFloat32(at)
  return { features, vector, task, outcomes }
}

function headerOf(bytes: Uint8Array, view: DataView): Header | undefined {
  if (bytes.length < 4 || bytes.length < 4 + view.getUint32(0)) return undefined
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + view.getUint32(0)))) as Partial<Header>
    return header.form === FORM && Array.isArray(header.sizes) && header.outcomes !== undefined
      ? (header as Header)
      : undefined
  } catch {
    return undefined
  }
}
