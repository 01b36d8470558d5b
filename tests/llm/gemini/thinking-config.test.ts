import type { CoreWarning } from '@aios/kernel'
import { describe, expect, it } from 'vitest'
import { isGemini3, thinkingConfig } from '../../../packages/llm/src/gemini/thinking-config.js'

const REASONING = ['none', 'minimal', 'low', 'medium', 'high'] as const

function asked(model: string) {
  const warnings: CoreWarning[] = []
  const configs = REASONING.map((reasoning) => thinkingConfig(reasoning, model, warnings))
  const how = configs.map((config) => config?.['thinkingLevel'] ?? config?.['thinkingBudget'])
  return { how, shown: configs.map((config) => config?.['includeThoughts']), warnings: warnings.length }
}

const SHOWN = [false, true, true, true, true]

describe('thinkingConfig', () => {
  it.each([
    ['gemini-2.5-flash', [0, 512, 1_024, 8_192, 24_576], 0],
    ['gemini-2.5-pro', [128, 512, 1_024, 8_192, 24_576], 1],
    ['gemini-3-flash-preview', ['MINIMAL', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH'], 1],
    ['gemini-3.1-pro-preview', ['LOW', 'LOW', 'LOW', 'MEDIUM', 'HIGH'], 2],
    ['models/gemini-3-pro-preview', ['LOW', 'LOW', 'LOW', 'HIGH', 'HIGH'], 3],
    ['gemini-flash-latest', ['MINIMAL', 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH'], 1],
  ])('asks %s in its own words, and warns of what it has not', (model, how, warnings) => {
    expect(asked(model)).toEqual({ how, shown: SHOWN, warnings })
  })

  it('asks a model that does not think for nothing', () => {
    expect(asked('gemini-2.0-flash')).toEqual({
      how: Array(5).fill(undefined),
      shown: Array(5).fill(undefined),
      warnings: 4,
    })
  })
})

describe('isGemini3', () => {
  it('takes a name without a version for the latest', () => {
    expect(['gemini-3-pro', 'gemini-10', 'gemini-pro-latest', 'gemini-2.5-pro', 'gemini-1.5'].map(isGemini3)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })
})
