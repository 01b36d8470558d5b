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

  it('marks what is nested deeper than anybody could walk, and keeps its text', () => {
    const nested = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`
    expect(parseToolInput(nested(1_000)).invalid).toBeUndefined()
    const { input, inputText, invalid } = parseToolInput(nested(1_002))
    expect([input, inputText]).toEqual([undefined, nested(1_002)])
    expect(invalid).toBe('The arguments are nested deeper than 1000 levels.')
    expect(parseToolInput(nested(100_000)).invalid).toBe(invalid)
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
