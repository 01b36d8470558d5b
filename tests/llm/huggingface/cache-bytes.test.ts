import { describe, expect, it } from 'vitest'
import { cacheBytes, tensorsOf } from '../../../packages/llm/src/huggingface/cache-bytes.js'

const TENSORS = {
  'past_key_values.0.key': { type: 'float32', dims: [1, 2, 1], bytes: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
  'past_conv.0': { type: 'float16', dims: [1], bytes: Uint8Array.of(9, 10) },
}

function refusal(memory: Uint8Array): unknown {
  try {
    return tensorsOf(memory)
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('cacheBytes', () => {
  it('keeps names, kinds, shapes and bytes, wherever the memory lies', () => {
    const memory = cacheBytes(TENSORS)
    expect(tensorsOf(memory)).toEqual(TENSORS)
    const shifted = new Uint8Array(memory.length + 3)
    shifted.set(memory, 3)
    expect(tensorsOf(shifted.subarray(3))).toEqual(TENSORS)
    for (const { bytes } of Object.values(tensorsOf(memory))) expect(bytes.byteOffset).toBe(0)
    expect(tensorsOf(cacheBytes({}))).toEqual({})
  })

  it('is not read from other bytes', () => {
    const memory = cacheBytes(TENSORS)
    expect(refusal(memory.subarray(0, 2))).toBe('AIOS_CORRUPT')
    expect(refusal(memory.subarray(0, -1))).toBe('AIOS_CORRUPT')
    expect(refusal(Uint8Array.of(...memory, 0))).toBe('AIOS_CORRUPT')
    expect(refusal(Uint8Array.of(2, 0, 0, 0, 123, 125))).toBe('AIOS_CORRUPT')
    expect(refusal(Uint8Array.of(3, 0, 0, 0, 91, 49, 93))).toBe('AIOS_CORRUPT')
    expect(refusal(Uint8Array.of(1, 0, 0, 0, 91))).toBe('AIOS_CORRUPT')
  })
})
