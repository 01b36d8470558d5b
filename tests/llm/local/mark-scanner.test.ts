import { describe, expect, it } from 'vitest'
import { firstMark, heldLength } from '../../../packages/llm/src/local/mark-scanner.js'

describe('firstMark', () => {
  it('finds the earliest mark, and of two at one place the longer', () => {
    expect(firstMark('say <b> or <a>', ['<a>', '<b>'])).toEqual({ before: 'say ', mark: '<b>', rest: ' or <a>' })
    expect(firstMark('xcall: y', ['call', 'call:'])).toEqual({ before: 'x', mark: 'call:', rest: ' y' })
    expect(firstMark('xcall: y', ['call:', 'call'])?.mark).toBe('call:')
    expect(firstMark('nothing', ['<a>'])).toBeUndefined()
  })
})

describe('heldLength', () => {
  it('is the longest end of a text that may become a mark', () => {
    expect(heldLength('a <th', ['<think>', '<'])).toBe(3)
    expect(heldLength('aab', ['aabaac'])).toBe(3)
    expect(heldLength('plain', ['<a>'])).toBe(0)
    expect(heldLength('', ['<a>'])).toBe(0)
    expect(heldLength('<a>', ['<a>'])).toBe(0)
  })
})
