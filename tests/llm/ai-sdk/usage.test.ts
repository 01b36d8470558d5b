import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromSdkUsage } from '../../../packages/llm/src/ai-sdk/from/usage.js'

describe('usage of v2', () => {
  it('has cached tokens in the input, as most providers count', () => {
    const usage = fromSdkUsage({
      inputTokens: 9,
      outputTokens: 5,
      totalTokens: 14,
      cachedInputTokens: 4,
      reasoningTokens: 2,
    })
    expect(usage).toMatchObject({
      input: { total: 9, noCache: 5, cacheRead: 4 },
      output: { total: 5, text: 3, reasoning: 2 },
    })
  })

  it('has cached tokens beside the input, as Anthropic counts', () => {
    const metadata = { anthropic: { cacheCreationInputTokens: 7 } }
    expect(fromSdkUsage({ inputTokens: 9, outputTokens: 5, cachedInputTokens: 4 }, metadata).input).toEqual({
      total: 20,
      noCache: 9,
      cacheRead: 4,
      cacheWrite: 7,
    })
    expect(fromSdkUsage({ inputTokens: 2, cachedInputTokens: 4 }).input).toMatchObject({ total: 6, noCache: 2 })
  })

  it('has reasoning beside the output where only the grand total says so', () => {
    const { output } = fromSdkUsage({ inputTokens: 9, outputTokens: 5, totalTokens: 16, reasoningTokens: 2 })
    expect(output).toEqual({ total: 7, text: 5, reasoning: 2 })
  })
})

it.each([
  undefined,
  null,
  7,
  'many',
  {},
  { inputTokens: undefined, outputTokens: undefined },
  { inputTokens: {}, outputTokens: {} },
])('is unknown where %j came', (usage) => {
  expect(fromSdkUsage(usage)).toMatchObject({ input: {}, output: {} })
  const { input, output } = fromSdkUsage(usage)
  expect([input, output]).toEqual([{}, {}])
})

it('never is a number that did not come, nor parts that are more than the whole', () => {
  const count = fc.option(fc.nat(50), { nil: undefined })
  const flat = fc.record({
    inputTokens: count,
    outputTokens: count,
    totalTokens: count,
    reasoningTokens: count,
    cachedInputTokens: count,
  })
  fc.assert(
    fc.property(flat, (usage) => {
      const { input, output } = fromSdkUsage(usage)
      if (usage.inputTokens === undefined) expect(input.total).toBeUndefined()
      if (usage.outputTokens === undefined) expect(output.total).toBeUndefined()
      if (input.noCache !== undefined)
        expect(input.noCache + (input.cacheRead ?? 0) + (input.cacheWrite ?? 0)).toBe(input.total)
      if (output.text !== undefined) expect(output.text + (output.reasoning ?? 0)).toBe(output.total)
    }),
  )
})
