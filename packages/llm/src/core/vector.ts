/** Reads a vector of numbers; undefined if it is none, or if one of them is no 32-bit float. */
export function toVector(value: unknown): Float32Array | undefined {
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'number')) return undefined
  const vector = Float32Array.from(value)
  return vector.every(Number.isFinite) ? vector : undefined
}
