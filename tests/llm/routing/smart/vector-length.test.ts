import { createKernel, ramRecords } from '@aios/kernel'
import { smart, threshold, type SmartOptions } from '@aios/llm'
import { scriptedCore } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'
import { QualityHistory } from '../../../../packages/llm/src/routing/smart/quality-history.js'
import { featuresOf } from '../../../../packages/llm/src/routing/smart/text-features.js'
import { ask, core, usd } from '../core-view.js'

const CORES = [core('small', { model: 'small', ...usd(1) }), core('large', { model: 'large', ...usd(10) })]
const of = (length: number) => (text: string) =>
  Array.from({ length }, (_, at) => (at === (text.includes('theorem') ? 0 : 1) ? 1 : 0))
const proof = (n: number) => ({
  text: `Prove theorem ${n}`,
  outcomes: { small: { quality: 0.1 }, large: { quality: 0.9 } },
})
const router = (embed: NonNullable<SmartOptions['embed']>, more: SmartOptions = {}) =>
  smart({ policy: threshold({ quality: 0.8 }), examples: 16, embed, ...more })

describe('smart() with vectors of another length', () => {
  it('learns by them, over restarts and beyond the most examples that it keeps', async () => {
    const records = ramRecords()
    const answered: string[] = []
    for (const length of [3, 5, 5]) {
      const choosing = router(of(length))
      const llm = ['small', 'large'].map((id) => scriptedCore(['Done.'], { id, model: id, repeat: true }))
      const kernel = await createKernel({ llm, router: choosing, records })
      for (let n = 0; n < 20; n += 1) choosing.learn(proof(n))
      answered.push((await kernel.sys().llm.chat(ask('Zzz theorem'))).model)
      await kernel.close()
    }
    expect(answered).toEqual(['large', 'large', 'large'])
  })

  it('compares by words until it has learnt one of them', () => {
    let length = 3
    const choosing = router((text) => of(length)(text))
    for (let n = 0; n < 10; n += 1) choosing.learn(proof(n))
    length = 5
    expect(choosing.pick(ask('Prove theorem 3'), CORES, 0)).toBe('large')
    const [, large] = choosing.estimates(ask('Prove theorem 4'), CORES)
    expect(large?.quality).toBeGreaterThan(0.8)
  })

  it('drops the vectors of the others with the first, and nothing else of them', () => {
    let length = 3
    const choosing = router((text) => of(length)(text))
    for (let n = 0; n < 10; n += 1) choosing.learn({ ...proof(n), task: 'proof' })
    length = 5
    choosing.learn(proof(10))
    const [small, large] = choosing.estimates(ask('Another matter', { task: 'proof' }), CORES)
    expect(small?.quality).toBeLessThan(0.5)
    expect(large?.quality).toBeGreaterThan(0.7)
  })

  it('takes an empty one for none', () => {
    const choosing = router(() => [])
    for (let n = 0; n < 10; n += 1) choosing.learn(proof(n))
    expect(choosing.pick(ask('Prove theorem 3'), CORES, 0)).toBe('large')
  })
})

describe('QualityHistory', () => {
  it('learns an example as a whole, or not at all', () => {
    const history = new QualityHistory({ examples: 16, neighbours: 4, minSimilarity: 0 })
    const memory = (vector: Float32Array) => ({
      features: featuresOf(ask('Prove theorem 1')),
      vector,
      task: undefined,
      outcomes: { small: { quality: 0.1 } },
    })
    for (let n = 0; n < 16; n += 1) history.learn(memory(Float32Array.of(1, 0)))
    // No system has the memory for vectors of this length.
    const endless = Object.defineProperty(Float32Array.of(1), 'length', { value: 2 ** 52 })
    expect(() => history.learn(memory(endless))).toThrow(RangeError)
    const broken = { ...memory(Float32Array.of(1, 0)), outcomes: { small: { quality: 0.2 }, large: null as never } }
    expect(() => history.learn(broken)).toThrow(TypeError)
    expect([history.examplesOf('small'), history.examplesOf('large')]).toEqual([16, 0])
    expect(history.predict(memory(Float32Array.of(1, 0)), ['small']).get('small')?.quality).toBeCloseTo(0.1, 1)
  })
})
