import { describe, expect, it } from 'vitest'
import { argumentsOf } from './arguments.js'

describe('the arguments of the simulator', () => {
  it('have defaults', () => {
    expect(argumentsOf([])).toEqual({ seed: 1, programs: 2_000, agents: undefined })
    expect(argumentsOf(['--seed', '7', '--agents', '50'])).toEqual({ seed: 7, programs: 2_000, agents: 50 })
  })

  it.each([
    ['--seed', 'x'],
    ['--seed', ''],
    ['--seed', '-1'],
    ['--programs', '0'],
    ['--programs', '1e3'],
    ['--agents', '1.5'],
    ['--agents', '99999999999'],
    ['--floor'],
    ['seven'],
  ])('are refused in a sentence: %s %s', (...words: string[]) => {
    const problem = argumentsOf(words)
    expect(problem).toContain(words[0])
    expect(problem).toContain('Usage: npm run sim')
  })
})
