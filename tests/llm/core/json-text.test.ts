import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonText } from '../../../packages/llm/src/core/json-text.js'

const DEPTH = 20_000

describe('the text of a value', () => {
  it('is that of JSON.stringify', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonText(value)).toBe(JSON.stringify(value))
      }),
    )
  })

  it('is as complete where the value is nested deeper than the stack goes', () => {
    const beside = '"ä\\"\\u0000":[1,null,true,{"x":[]},{}]'
    const text = `${`{${beside},"a":[`.repeat(DEPTH)}"end"${']}'.repeat(DEPTH)}`
    const value: unknown = JSON.parse(text)
    expect(() => JSON.stringify(value)).toThrow(RangeError)
    expect(jsonText(value)).toBe(text)
  })

  it('is none of what is no JSON at all', () => {
    expect(() => jsonText(1n)).toThrow(TypeError)
  })
})
