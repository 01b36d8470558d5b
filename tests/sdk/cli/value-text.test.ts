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
    [cycle, '{"self":"(circular)"}'],
    [new Map([['self', cycle]]), '[["self",{"self":"(circular)"}]]'],
    [[cycle, cycle], '[{"self":"(circular)"},{"self":"(circular)"}]'],
    [Object(7n), '"7"'],
    [Symbol.iterator, 'Symbol(Symbol.iterator)'],
  ])('writes %o', (value, text) => {
    expect(valueText(value)).toBe(text)
  })

  it('writes JSON of objects within themselves, nested however deep, and at more places than there is room for', () => {
    const around = new Map<string, unknown>([['one', 1]])
    around.set('self', { around })
    let deep: unknown = 1
    for (let level = 0; level < 20_000; level += 1) deep = [deep]
    let graph: unknown = { leaf: 1 }
    for (let level = 0; level < 60; level += 1) graph = [graph, graph]
    for (const value of [around, deep, graph]) {
      const text = jsonText({ value }, 2)
      expect(() => JSON.parse(text) as unknown).not.toThrow()
      expect(text).toMatch(/circular|repeated|Array/)
    }
    expect(jsonText([graph])).toContain('"leaf":1')
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
