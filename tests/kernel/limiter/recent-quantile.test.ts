import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentQuantile } from '../../../packages/kernel/src/limiter/recent-quantile.js'

const taught = (answers: readonly number[]): RecentQuantile => {
  const guess = new RecentQuantile(4)
  for (const tokens of answers) guess.learn(tokens)
  return guess
}

describe('RecentQuantile', () => {
  it('guesses the most there can be until it has seen 16 answers', () => {
    expect(taught(Array<number>(15).fill(10)).guess(4_096)).toBe(4_096)
    expect(taught(Array<number>(16).fill(10)).guess(4_096)).toBeLessThan(13)
  })

  it('guesses what nine of ten values kept to, and at most a fifth more', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 16, maxLength: 512 }), (answers) => {
        const sorted = [...answers].sort((a, b) => a - b)
        const quantile = Math.max(1, sorted[answers.length - Math.floor(answers.length / 10) - 1]!)
        const guess = taught(answers).guess(1e9)
        expect(guess).toBeGreaterThanOrEqual(quantile)
        expect(guess).toBeLessThanOrEqual(Math.ceil(quantile * 2 ** 0.25))
      }),
    )
  })

  it('never guesses more than there can be', () => {
    expect(taught(Array<number>(50).fill(1_000)).guess(200)).toBe(200)
  })

  it('follows answers that become longer or shorter', () => {
    const guess = taught(Array<number>(5_000).fill(100))
    for (let answer = 0; answer < 1_000; answer += 1) guess.learn(2_000)
    expect(guess.guess(1e9)).toBeGreaterThanOrEqual(2_000)
    for (let answer = 0; answer < 2_000; answer += 1) guess.learn(100)
    expect(guess.guess(1e9)).toBeLessThan(130)
  })

  it('leaves out what is no number of tokens', () => {
    const guess = taught([...Array<number>(16).fill(10), ...Array<number>(100).fill(Number.NaN), -5, -5])
    expect(guess.guess(4_096)).toBeLessThan(13)
    guess.learn(Number.POSITIVE_INFINITY)
    expect(guess.guess(4_096)).toBeLessThan(13)
  })
})
