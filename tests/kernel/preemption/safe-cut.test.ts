import { describe, expect, it } from 'vitest'
import { safeCut, wholeCharacters } from '../../../packages/kernel/src/preemption/safe-cut.js'

describe('safeCut', () => {
  it.each([
    ['one two', 0, 3],
    ['one two', 2, 3],
    ['one two', 3, 3],
    ['one two', 4, undefined],
    ['one', 0, undefined],
    ['one\n\ntwo', 0, 3],
    ['one  two', 4, undefined],
    [' one', 0, undefined],
    [' one two', 0, 4],
    ['今日は。明日', 0, 4],
    ['本当？！はい', 0, 4],
    ['本当？！', 0, undefined],
  ])('cuts %j from %i on at %o', (text, from, at) => {
    expect(safeCut(text, from)).toBe(at)
  })
})

describe('wholeCharacters', () => {
  it('leaves out half of a character', () => {
    const globe = '🌍'
    expect(wholeCharacters(`a${globe}`)).toBe(3)
    expect(wholeCharacters(`a${globe.slice(0, 1)}`)).toBe(1)
    expect(wholeCharacters('')).toBe(0)
  })
})
