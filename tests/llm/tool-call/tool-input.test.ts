import { parseToolInput } from '@aios/llm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('parseToolInput', () => {
  it('parses the arguments and keeps their text', () => {
    expect(parseToolInput('{ "a": 1 }')).toEqual({ input: { a: 1 }, inputText: '{ "a": 1 }' })
  })

  it('takes nothing for no arguments', () => {
    expect(parseToolInput('')).toEqual({ input: {}, inputText: '' })
    expect(parseToolInput(' \n')).toEqual({ input: {}, inputText: ' \n' })
  })

  it('marks what is no JSON and keeps it', () => {
    const { input, inputText, invalid } = parseToolInput('{"a":')
    expect([input, inputText]).toEqual([undefined, '{"a":'])
    expect(invalid).toMatch(/^The arguments are no JSON: /)
  })

  it('never throws and never loses a character', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const parsed = parseToolInput(text)
        expect(parsed.inputText).toBe(text)
        expect(parsed.invalid === undefined).toBe(parsed.input !== undefined)
      }),
    )
  })
})
