import { AiosError } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { Hidden } from '../../../packages/sdk/src/cli/captured-value.js'
import { errorData, errorText, jsonText, valueText } from '../../../packages/sdk/src/cli/value-text.js'

const cycle: { self?: unknown } = {}
cycle.self = cycle

describe('valueText', () => {
  it.each([
    [undefined, ''],
    ['a text', 'a text'],
    [{ a: [1, null] }, '{"a":[1,null]}'],
    [12n, '"12"'],
    [new Map([['a', 1n]]), '[["a","1"]]'],
    [new Set([1, 2]), '[1,2]'],
    [{ at: Number.NaN, far: -Infinity }, '{"at":"NaN","far":"-Infinity"}'],
    [{ bytes: Buffer.alloc(5), words: new Uint16Array(3) }, '{"bytes":"(5 bytes)","words":"(6 bytes)"}'],
    [{ error: new TypeError('bad') }, '{"error":{"name":"TypeError","message":"bad"}}'],
    [new Hidden('redacted'), '(redacted)'],
    [cycle, '<ref *1> { self: [Circular *1] }'],
    [Symbol.iterator, 'Symbol(Symbol.iterator)'],
  ])('writes %o', (value, text) => {
    expect(valueText(value)).toBe(text)
  })

  it('indents where it is told to', () => {
    expect(jsonText({ a: 1 }, 2)).toBe('{\n  "a": 1\n}')
  })
})

describe('errorText', () => {
  const lost = new AiosError('AIOS_NOT_FOUND', 'It is not there.')

  it('gives the code of our errors, the name of others, and what was thrown instead of one', () => {
    expect(errorText(lost)).toBe('AIOS_NOT_FOUND: It is not there.')
    expect(errorText(new RangeError('far'))).toBe('RangeError: far')
    expect(errorText({ thrown: true })).toBe('{"thrown":true}')
  })

  it('gives the same as plain data', () => {
    expect(errorData(lost)).toEqual({ code: 'AIOS_NOT_FOUND', message: 'It is not there.' })
    expect(errorData(new RangeError('far'))).toEqual({ name: 'RangeError', message: 'far' })
    expect(errorData('stop')).toBe('stop')
  })
})
