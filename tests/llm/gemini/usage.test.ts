import { describe, expect, it } from 'vitest'
import { fromWireUsage } from '../../../packages/llm/src/gemini/usage.js'

const read = (wire: Record<string, unknown>) => {
  const { input, output } = fromWireUsage(wire)
  return { input, output }
}

describe('fromWireUsage', () => {
  it('adds the thoughts to the output, and what tools brought to the input', () => {
    const wire = { promptTokenCount: 9, toolUsePromptTokenCount: 5, candidatesTokenCount: 23, thoughtsTokenCount: 302 }
    expect(read({ ...wire, cachedContentTokenCount: 4 })).toEqual({
      input: { total: 14, noCache: 10, cacheRead: 4 },
      output: { total: 325, text: 23, reasoning: 302 },
    })
  })

  it('takes the rest of the grand total for a count that was left out', () => {
    expect(read({ promptTokenCount: 9, thoughtsTokenCount: 30, totalTokenCount: 39 }).output).toEqual({
      total: 30,
      text: 0,
      reasoning: 30,
    })
    expect(read({ promptTokenCount: 9, totalTokenCount: 9 }).output).toEqual({ total: 0 })
  })

  it('makes up no number', () => {
    expect(fromWireUsage(undefined)).toEqual({ input: {}, output: {} })
    expect(read({ trafficType: 'ON_DEMAND' })).toEqual({ input: {}, output: {} })
    expect(read({ promptTokenCount: 5, candidatesTokenCount: 2 })).toEqual({
      input: { total: 5 },
      output: { total: 2 },
    })
    expect(read({ promptTokenCount: '5', candidatesTokenCount: -2, totalTokenCount: Number.NaN })).toEqual({
      input: {},
      output: {},
    })
    expect(read({ promptTokenCount: 5, cachedContentTokenCount: 9 }).input).toEqual({ total: 5, cacheRead: 9 })
  })
})
