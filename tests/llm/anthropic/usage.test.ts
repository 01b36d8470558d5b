import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromWireUsage, laterUsage } from '../../../packages/llm/src/anthropic/usage.js'

describe('fromWireUsage', () => {
  it('adds what was read from and written to the cache to the total', () => {
    const wire = {
      input_tokens: 6,
      cache_creation_input_tokens: 3337,
      cache_read_input_tokens: 6289,
      output_tokens: 198,
      output_tokens_details: { thinking_tokens: 20 },
    }
    expect(fromWireUsage(wire)).toEqual({
      input: { total: 9632, noCache: 6, cacheRead: 6289, cacheWrite: 3337 },
      output: { total: 198, text: 178, reasoning: 20 },
      raw: wire,
    })
  })

  it('makes up no number', () => {
    expect(fromWireUsage(undefined)).toEqual({ input: {}, output: {} })
    const odd = { input_tokens: '7', cache_read_input_tokens: 5, output_tokens: -1, output_tokens_details: null }
    expect(fromWireUsage(odd)).toEqual({ input: { cacheRead: 5 }, output: {}, raw: odd })
    const more = { output_tokens: 5, output_tokens_details: { thinking_tokens: 9 } }
    expect(fromWireUsage(more).output).toEqual({ total: 5, reasoning: 9 })
  })

  it('adds up, whatever the numbers', () => {
    const count = fc.option(fc.nat(), { nil: null })
    const wire = fc.record({
      input_tokens: fc.nat(),
      cache_read_input_tokens: count,
      cache_creation_input_tokens: count,
      output_tokens: fc.nat(),
      output_tokens_details: fc.option(fc.record({ thinking_tokens: fc.nat() }), { nil: null }),
    })
    fc.assert(
      fc.property(wire, (fields) => {
        const { input, output } = fromWireUsage(fields)
        expect(input.noCache! + (input.cacheRead ?? 0) + (input.cacheWrite ?? 0)).toBe(input.total)
        if (output.text !== undefined) expect(output.text + output.reasoning!).toBe(output.total)
      }),
    )
  })
})

describe('laterUsage', () => {
  it('keeps what a later event leaves out or calls null', () => {
    const earlier = { input_tokens: 5, cache_read_input_tokens: 2 }
    const later = { input_tokens: null, output_tokens: 3 }
    expect(laterUsage(earlier, later)).toEqual({ ...earlier, output_tokens: 3 })
    expect(laterUsage(earlier, undefined)).toBe(earlier)
  })
})
