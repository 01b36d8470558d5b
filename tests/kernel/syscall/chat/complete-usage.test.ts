import { expect, it } from 'vitest'
import { testBed } from '../../test-bed.js'
import { ASK, said, spoken, streamingCore } from '../cores.js'

const LIES = [-1e6, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]

it.each(LIES)('charges a core that reports %s tokens by an estimate', async (lie) => {
  const usage = { input: { total: lie }, output: { total: 3 } }
  const kernel = await testBed({
    llm: [
      { kind: 'llm', id: 'chat', model: 'chat', chat: () => ({ ...said('Hi.'), usage }) },
      streamingCore(() => [...spoken('Hi.')].map((part) => (part.type === 'finish' ? { ...part, usage } : part))),
    ],
  })
  for (const [name, model] of [
    ['chat', 'chat'],
    ['stream', 'streaming-1'],
  ] as const) {
    const before = kernel.stats().inputTokens
    if (name === 'chat') await kernel.sys().llm.chat({ ...ASK, model })
    else await kernel.sys().llm.stream({ ...ASK, model }).result
    const charged = kernel.stats().inputTokens - before
    expect(charged).toBeGreaterThan(0)
    expect(charged).toBeLessThan(100)
  }
  expect(kernel.stats().outputTokens).toBe(6)
})
