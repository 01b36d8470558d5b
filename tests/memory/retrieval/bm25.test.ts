import { describe, expect, it } from 'vitest'
import { inverseDocumentFrequency, saturation } from '../../../packages/memory/src/retrieval/bm25.js'

describe('inverseDocumentFrequency', () => {
  it('takes the value of the published formula', () => {
    // ln(1 + (10 - 2 + 0.5) / (2 + 0.5)) = ln 4.4
    expect(inverseDocumentFrequency(2, 10)).toBeCloseTo(1.4816045409242156, 14)
  })

  it('falls as more documents hold the term, and stays above 0 when all do', () => {
    const values = [1, 2, 50, 99, 100].map((holders) => inverseDocumentFrequency(holders, 100))
    expect(values).toEqual([...values].sort((first, second) => second - first))
    expect(values.at(-1)).toBeGreaterThan(0)
  })
})

describe('saturation', () => {
  it('takes the value of the published formula with k1 = 1.2 and b = 0.75', () => {
    // 3 * 2.2 / (3 + 1.2 * (0.25 + 0.75 * 2)) = 6.6 / 5.1
    expect(saturation(3, 2)).toBeCloseTo(6.6 / 5.1, 14)
    expect(saturation(1, 1)).toBeCloseTo(1, 14)
  })

  it('grows with every occurrence, less each time, and never reaches 2.2', () => {
    const [one, two, three, many] = [1, 2, 3, 1_000_000].map((count) => saturation(count, 1)) as [
      number,
      number,
      number,
      number,
    ]
    expect(two - one).toBeGreaterThan(three - two)
    expect(three).toBeGreaterThan(two)
    expect(many).toBeLessThan(2.2)
  })

  it('counts an occurrence in a long document less than in a short one', () => {
    expect(saturation(1, 0.5)).toBeGreaterThan(saturation(1, 2))
  })
})
