import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chosenToken } from '../../../packages/llm/src/huggingface/token-choice.js'

const SAMPLING = { temperature: 1, topP: 1, topK: 0, minP: 0, seed: 1 }
const HALVES = Float32Array.from([0.1, 0.5, 0.25, 0.15], Math.log)

/** How often each token is drawn, of so many draws. */
function shares(change: Partial<typeof SAMPLING>, logits = HALVES, draws = 4_000): number[] {
  const counts = Array<number>(logits.length).fill(0)
  for (let index = 0; index < draws; index += 1) counts[chosenToken(logits, { ...SAMPLING, ...change }, index)]! += 1
  return counts.map((count) => count / draws)
}

describe('chosenToken', () => {
  it('is the likeliest at temperature 0, of two alike the first', () => {
    expect(chosenToken(HALVES, { ...SAMPLING, temperature: 0 }, 0)).toBe(1)
    expect(chosenToken(Float32Array.of(Number.NaN, 2, 2, 1), { ...SAMPLING, temperature: 0 }, 0)).toBe(1)
  })

  it('draws each token as often as it is likely', () => {
    for (const [token, share] of shares({}).entries()) expect(share).toBeCloseTo(Math.exp(HALVES[token]!), 1)
    // At half the temperature likelihoods are squared.
    expect(shares({ temperature: 0.5 })[1]).toBeCloseTo(0.25 / 0.345, 1)
  })

  it('leaves out what is beyond topK, topP and minP, and what is ruled out', () => {
    const drawn = (change: Partial<typeof SAMPLING>, logits = HALVES) =>
      shares(change, logits, 500).flatMap((share, token) => (share > 0 ? [token] : []))
    expect(drawn({ topK: 2 })).toEqual([1, 2])
    expect(drawn({ topK: 3 }, Float32Array.of(1, 1, 1, 1))).toEqual([0, 1, 2])
    expect(drawn({ topP: 0.6 })).toEqual([1, 2])
    expect(drawn({ topP: 0 })).toEqual([1])
    expect(drawn({ minP: 0.29 })).toEqual([1, 2, 3])
    expect(drawn({}, Float32Array.of(0, Number.NEGATIVE_INFINITY, 0))).toEqual([0, 2])
    expect(drawn({}, Float32Array.of(0, Number.POSITIVE_INFINITY, 0))).toEqual([1])
  })

  it('draws with topK as if all but the best were ruled out, of those alike the last', () => {
    const logits = fc.array(fc.constantFrom(0, 0.5, 1, Number.NaN, -Infinity), { minLength: 1, maxLength: 600 })
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 500 }), fc.nat(1_000), (values, topK, index) => {
        const ids = [...values.keys()].filter((id) => values[id]! > -Infinity)
        fc.pre(ids.length > 0)
        const best = new Set(ids.sort((one, other) => values[other]! - values[one]!).slice(0, topK))
        const ruled = Float32Array.from(values, (value, id) => (best.has(id) ? value : -Infinity))
        const drawn = chosenToken(Float32Array.from(values), { ...SAMPLING, topK }, index)
        expect(drawn).toBe(chosenToken(ruled, SAMPLING, index))
      }),
    )
  })

  it('draws the same with the same seed and place, and not with another', () => {
    const drawn = (seed: number) =>
      Array.from({ length: 40 }, (_, index) => chosenToken(HALVES, { ...SAMPLING, seed }, index))
    expect(drawn(5)).toEqual(drawn(5))
    expect(drawn(5)).not.toEqual(drawn(6))
  })
})
