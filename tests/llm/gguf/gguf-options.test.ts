import { describe, expect, it } from 'vitest'
import { gguf, type GgufOptions } from '@aios/llm/gguf'

describe('the options of gguf()', () => {
  const wrong: readonly [unknown, unknown][] = [
    ['', {}],
    [undefined, {}],
    ['m.gguf', { device: 'gpu' }],
    ['m.gguf', { threads: 0 }],
    ['m.gguf', { batch: 1.5 }],
    ['m.gguf', { contextSize: 0 }],
    ['m.gguf', { gpuLayers: -1 }],
    ['m.gguf', { stateDir: '' }],
    ['m.gguf', { layers: 3 }],
    ['m.gguf', { device: 'cpu', gpuLayers: 3 }],
    ['m.gguf', { device: 'cpu', maxGpuMemoryBytes: 3 }],
    ['m.gguf', { gpuLayers: 3, maxGpuMemoryBytes: 3 }],
  ]

  it.each(wrong)('are refused for %j with %j', (path, options) => {
    expect(() => gguf(path as string, options as GgufOptions)).toThrowError(
      expect.objectContaining({ code: 'AIOS_INVALID_OPTION' }) as Error,
    )
  })

  it('name the core by its file where they do not say otherwise', () => {
    expect(gguf('models/Qwen3-4B.Q4.gguf')).toMatchObject({ id: 'Qwen3-4B.Q4', model: 'Qwen3-4B.Q4', backend: 'gguf' })
    expect(gguf('m.GGUF', { id: 'main', model: 'qwen' })).toMatchObject({ id: 'main', model: 'qwen' })
  })

  it('may say more of the model than is known', () => {
    const options: GgufOptions = {
      capabilities: { tools: false },
      maxOutputTokens: 9,
      price: { inputUsdPerMTok: 0, outputUsdPerMTok: 0 },
    }
    expect(gguf('m.gguf', options)).toMatchObject({
      capabilities: { tools: false, schema: true, images: false, files: false },
      maxOutputTokens: 9,
      price: { inputUsdPerMTok: 0 },
    })
  })
})
