import { describe, expect, it } from 'vitest'
import { huggingface, type HuggingfaceOptions } from '@aios/llm/huggingface'

describe('the options of huggingface()', () => {
  const wrong: readonly [unknown, unknown][] = [
    ['', {}],
    [undefined, {}],
    ['m', { device: 'tpu' }],
    ['m', { dtype: 'q3' }],
    ['m', { batch: 0 }],
    ['m', { chatTemplate: '' }],
    ['m', { logits: 'all' }],
    ['m', { stateDir: 'here' }],
    ['m', { device: 'cpu', gpuLayers: 3 }],
    ['m', { gpuLayers: 3, maxGpuMemoryBytes: 3 }],
  ]

  it.each(wrong)('are refused for %j with %j', (folder, options) => {
    expect(() => huggingface(folder as string, options as HuggingfaceOptions)).toThrowError(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }) as Error,
    )
  })

  it('name the core by its folder where they do not say otherwise', () => {
    expect(huggingface('models/Qwen3-0.6B/')).toMatchObject({ id: 'Qwen3-0.6B', model: 'Qwen3-0.6B' })
    expect(huggingface('m', { id: 'main', model: 'qwen' })).toMatchObject({ id: 'main', model: 'qwen' })
  })
})
