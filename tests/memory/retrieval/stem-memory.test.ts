import { describe, expect, it } from 'vitest'
import { StemMemory } from '../../../packages/memory/src/retrieval/stem-memory.js'
import { stem } from '../../../packages/memory/src/retrieval/stem.js'

describe('StemMemory', () => {
  it('gives the stems that stem gives, however many words there are and however often they come', () => {
    const stems = new StemMemory()
    const words = Array.from({ length: 10_000 }, (_, at) => `word${at.toString(26).replaceAll(/\d/g, 'z')}ing`)
    for (let round = 0; round < 2; round += 1) for (const word of words) expect(stems.stem(word)).toBe(stem(word))
    for (const word of ['cats', 'chased', 'the', '東京', '42']) {
      expect(stems.stem(word)).toBe(stem(word))
      expect(stems.stem(word)).toBe(stem(word))
    }
  })
})
