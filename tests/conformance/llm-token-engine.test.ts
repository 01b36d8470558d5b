import { fakeDriverServices, virtualClock } from '@aios/kernel/testing'
import { llmConformance, tokenEngine, type LlmGround } from '@aios/llm/testing'
import { describe, expect, it } from 'vitest'

/** Nobody tells the engine what to say: of the suite it is put to the cases about going on. */
describe.each(['state', 'prefix'] as const)('tokenEngine() with resume: %s', (resume) => {
  const leftOut: string[] = []
  const ground: LlmGround = {
    leftOut: (name) => void leftOut.push(name),
    async stage() {
      const driver = tokenEngine({ resume, tokens: 40 })
      await driver.open?.(fakeDriverServices(virtualClock()))
      return {
        driver,
        requests: () => 0,
        received: () => Promise.resolve(),
        released: () => Promise.resolve(),
        close: async () => driver.close?.(),
      }
    },
  }
  const cases = llmConformance(ground).filter(({ name }) => /saved after any part|continued from any/.test(name))
  for (const { name, run } of cases) it(name, run)

  it('was put to one of the two', () => {
    expect([cases.length, leftOut.length]).toEqual([2, 1])
  })
})
