import { describe, expect, it } from 'vitest'
import { duration, harmless, oneLine } from '../../../packages/sdk/src/cli/one-line.js'

describe('oneLine', () => {
  it.each([
    ['two\r\nlines', 20, 'two lines'],
    ['\u001b[31mred\u0007', 20, ' [31mred '],
    ['left\u202Etfel\u2066', 20, 'left tfel '],
    ['exactly', 7, 'exactly'],
    ['too long', 7, 'too lo…'],
    ['abc😀def', 5, 'abc…'],
    ['ab😀def', 5, 'ab😀…'],
  ])('puts %j on a line of %i', (text, characters, line) => {
    expect(oneLine(text, characters)).toBe(line)
  })
})

describe('harmless', () => {
  it('keeps lines and columns, and nothing else that a terminal obeys', () => {
    expect(harmless('a\tb\n\u001b[2Jc\u009b')).toBe('a\tb\n [2Jc ')
  })
})

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [59_940, '59.9 s'],
    [59_990, '1.0 min'],
    [90_000, '1.5 min'],
    [3_599_000, '1.0 h'],
    [5_400_000, '1.5 h'],
  ])('writes %d ms', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
})
