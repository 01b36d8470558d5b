import type { CoreWarning } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { thinkingParams } from '../../../packages/llm/src/anthropic/thinking-params.js'

type Args = Parameters<typeof thinkingParams>
function asked(reasoning: Args[0], style: 'adaptive' | 'budget', maxTokens = 4_096) {
  const warnings: CoreWarning[] = []
  return { params: thinkingParams(reasoning, { style, maxTokens, warnings }), warned: warnings.length }
}

describe('thinkingParams', () => {
  it('says nothing where the request does not, and turns thinking off where it does', () => {
    for (const style of ['adaptive', 'budget'] as const) {
      expect(asked(undefined, style)).toEqual({ params: {}, warned: 0 })
      expect(asked('none', style)).toEqual({ params: { thinking: { type: 'disabled' } }, warned: 0 })
    }
  })

  it.each([
    ['low', 'low', 0],
    ['medium', 'medium', 0],
    ['high', 'high', 0],
    ['minimal', 'low', 1],
  ] as const)('asks for the effort %s by %s', (reasoning, effort, warned) => {
    const params = { thinking: { type: 'adaptive' }, output_config: { effort } }
    expect(asked(reasoning, 'adaptive')).toEqual({ params, warned })
  })

  it.each([
    ['minimal', 8_000, 1_024],
    ['low', 8_000, 2_000],
    ['medium', 8_000, 4_000],
    ['high', 8_000, 6_000],
    ['high', 1_200, 1_024],
  ] as const)('gives %s of %i tokens a budget of %i', (reasoning, maxTokens, budget) => {
    const params = { thinking: { type: 'enabled', budget_tokens: budget } }
    expect(asked(reasoning, 'budget', maxTokens)).toEqual({ params, warned: 0 })
  })

  it('does without where the answer has no room for it, and tells', () => {
    expect(asked('high', 'budget', 1_024)).toEqual({ params: {}, warned: 1 })
  })
})
