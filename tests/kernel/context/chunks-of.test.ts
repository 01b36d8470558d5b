import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chunksOf } from '../../../packages/kernel/src/context/chunks-of.js'

describe('chunksOf', () => {
  it('cuts any text into pieces of at most so many bytes that make it up again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 4, max: 50 }), (text, bytes) => {
        const chunks = chunksOf(text, bytes)
        expect(chunks.join('')).toBe(text)
        for (const chunk of chunks) expect(Buffer.byteLength(chunk)).toBeLessThanOrEqual(bytes)
        // Half a character would not survive this.
        expect(chunks.map((chunk) => Buffer.from(chunk).toString())).toEqual(chunks)
        expect(chunks.every((chunk) => chunk !== '')).toBe(true)
      }),
    )
  })

  it('cuts at the end of a line where one is near', () => {
    expect(chunksOf('one two\nthree four', 12)).toEqual(['one two\n', 'three four'])
    expect(chunksOf('a\nbcdefghijklmnop', 12)).toEqual(['a\nbcdefghijk', 'lmnop'])
  })
})
