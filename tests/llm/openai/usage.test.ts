import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromWireUsage } from '../../../packages/llm/src/openai/usage.js'

describe('fromWireUsage', () => {
  it('makes nothing up where nothing came', () => {
    expect(fromWireUsage(undefined)).toStrictEqual({ input: {}, output: {} })
    expect(fromWireUsage({})).toStrictEqual({ input: {}, output: {}, raw: {} })
  })

  it('leaves the parts open where only totals came', () => {
    const wire = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 }
    expect(fromWireUsage(wire)).toStrictEqual({ input: { total: 5 }, output: { total: 3 }, raw: wire })
  })

  it('splits totals into cached, written, reasoning and the rest', () => {
    const wire = {
      prompt_tokens: 100,
      completion_tokens: 50,
      prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 10 },
      completion_tokens_details: { reasoning_tokens: 20 },
    }
    const { input, output } = fromWireUsage(wire)
    expect(input).toEqual({ total: 100, noCache: 30, cacheRead: 60, cacheWrite: 10 })
    expect(output).toEqual({ total: 50, text: 30, reasoning: 20 })
  })

  it('knows the name that DeepSeek has for cached tokens', () => {
    expect(fromWireUsage({ prompt_tokens: 10, prompt_cache_hit_tokens: 4 }).input).toEqual({
      total: 10,
      noCache: 6,
      cacheRead: 4,
    })
  })

  it('finds what SGLang says of reasoning beside its totals', () => {
    const wire = { prompt_tokens: 1, completion_tokens: 5, total_tokens: 6, reasoning_tokens: 3 }
    expect(fromWireUsage(wire).output).toEqual({ total: 5, text: 2, reasoning: 3 })
  })

  it('adds reasoning that a server counts outside of its output', () => {
    const wire = {
      prompt_tokens: 12,
      completion_tokens: 2,
      total_tokens: 334,
      completion_tokens_details: { reasoning_tokens: 320 },
    }
    expect(fromWireUsage(wire).output).toEqual({ total: 322, text: 2, reasoning: 320 })
  })

  it('does not trust a total that is only larger, without reasoning to explain it', () => {
    expect(fromWireUsage({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 9 }).output).toEqual({ total: 2 })
  })

  it('leaves a part out that would be negative', () => {
    const wire = { prompt_tokens: 3, prompt_tokens_details: { cached_tokens: 5 } }
    expect(fromWireUsage(wire).input).toEqual({ total: 3, cacheRead: 5 })
  })

  it('ignores what is no count, and keeps the original', () => {
    const wire = {
      prompt_tokens: '5',
      completion_tokens: -1,
      total_tokens: Number.NaN,
      prompt_tokens_details: 'none',
      completion_tokens_details: { reasoning_tokens: null },
    }
    expect(fromWireUsage(wire)).toStrictEqual({ input: {}, output: {}, raw: wire })
  })

  it('always adds up', () => {
    const count = fc.option(fc.nat(1_000), { nil: undefined })
    const wire = fc.record({
      prompt_tokens: count,
      completion_tokens: count,
      total_tokens: count,
      prompt_tokens_details: fc.record({ cached_tokens: count, cache_write_tokens: count }),
      completion_tokens_details: fc.record({ reasoning_tokens: count }),
    })
    fc.assert(
      fc.property(wire, (one) => {
        const { input, output } = fromWireUsage(one)
        if (input.noCache !== undefined) {
          expect(input.noCache + (input.cacheRead ?? 0) + (input.cacheWrite ?? 0)).toBe(input.total)
        }
        if (output.text !== undefined) expect(output.text + output.reasoning!).toBe(output.total)
      }),
    )
  })
})
