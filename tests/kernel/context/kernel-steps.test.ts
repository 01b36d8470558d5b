import { fitContext, pageOut, prune, summarise } from '@aios/kernel'
import { scriptedCore } from '@aios/llm/testing'
import { embeddedMemory } from '@aios/memory'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { broken, talk } from './conversations.js'
import { testBed } from '../test-bed.js'

const summary = { text: 'They spoke of q and a.', usage: { input: 900, output: 9 } }

describe('a step that makes syscalls', () => {
  it.each([
    { name: 'pageOut', least: 150, step: pageOut(), devices: () => ({ memory: embeddedMemory() }) },
    {
      name: 'summarise',
      least: 100,
      step: summarise({ summaryTokens: 16 }),
      devices: () => ({ llm: scriptedCore([summary], { repeat: true, contextWindow: 3_000 }) }),
    },
  ])('keeps order, pairs, pins and the limit: $name', async ({ least, step, devices }) => {
    const kernel = await testBed(devices())
    const sys = kernel.sys()
    await fc.assert(
      fc.asyncProperty(talk, fc.integer({ min: least, max: 3_000 }), async (given, maxTokens) => {
        const steps = [step, prune()]
        const fitted = await fitContext(given.messages, { maxTokens, steps, sys }).catch(() => undefined)
        if (fitted === undefined) return
        expect(broken(given, fitted.messages)).toBeUndefined()
        expect(fitted.afterTokens).toBeLessThanOrEqual(maxTokens)
        expect((await fitContext(fitted.messages, { maxTokens, steps, sys })).messages).toBe(fitted.messages)
      }),
      { numRuns: 100 },
    )
  })
})
