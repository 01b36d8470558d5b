import { describe, expect, it } from 'vitest'
import type { CoreRequest } from '@aios/kernel'
import { droppedSettings, samplingOf, seedOf } from '../../../packages/llm/src/local/sampling.js'

const ask = (more: Partial<CoreRequest>): CoreRequest => ({ messages: [{ role: 'user', content: 'Hi.' }], ...more })

const FROM = { backend: 'gguf', seed: 9 }

describe('samplingOf', () => {
  it('takes the likeliest token where nobody says otherwise', () => {
    expect(samplingOf(ask({}), FROM)).toEqual({ temperature: 0, topP: 1, topK: 40, minP: 0, seed: 9 })
  })

  it('takes the request, and before it what providerOptions.gguf says', () => {
    const request = ask({ temperature: 1, topP: 0.5, seed: 0 })
    expect(samplingOf(request, FROM)).toMatchObject({ temperature: 1, topP: 0.5, seed: 0 })
    const own = ask({
      ...request,
      providerOptions: { gguf: { temperature: 0.2, topP: 1, seed: 4, topK: 0, minP: 0.1 } },
    })
    expect(samplingOf(own, FROM)).toEqual({ temperature: 0.2, topP: 1, topK: 0, minP: 0.1, seed: 4 })
  })
})

describe('seedOf', () => {
  it('gives every token of every answer a seed of its own, and always the same', () => {
    const seeds = new Set<number>()
    for (let seed = 0; seed < 40; seed += 1)
      for (let index = 0; index < 50; index += 1) {
        const sampling = samplingOf(ask({ seed }), FROM)
        const drawn = seedOf(sampling, index)
        expect(drawn).toBe(seedOf(sampling, index))
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < 2 ** 32).toBe(true)
        seeds.add(drawn)
      }
    // Seeds that are near each other must not lead to the same draws one token later.
    expect(seeds.size).toBe(2_000)
  })
})

describe('droppedSettings', () => {
  it('names the wish for reasoning, which a chat template does not take', () => {
    expect(droppedSettings(ask({ reasoning: 'high' }))).toMatchObject([{ setting: 'reasoning' }])
    expect(droppedSettings(ask({}))).toEqual([])
  })
})
