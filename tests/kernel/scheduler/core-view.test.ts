import type { LlmCoreView } from '@aios/kernel'
import { expect, it } from 'vitest'
import { heldCore, watch } from '../fake-drivers.js'
import { testBed } from '../test-bed.js'

it('shows a router what a core is and how busy it is, always as it is now', async () => {
  const price = { inputUsdPerMTok: 1, outputUsdPerMTok: 2 }
  const core = { ...heldCore({ id: 'a', model: 'm', price, limits: { concurrency: 1 } }), contextWindow: 8_192 }
  const views: (readonly LlmCoreView[])[] = []
  const kernel = await testBed({
    llm: core,
    router: {
      pick(_request, cores) {
        views.push(cores)
        return 'a'
      },
    },
  })
  for (const content of ['1', '2', '3']) {
    void watch(kernel.sys().llm.chat({ messages: [{ role: 'user', content }] }))
  }
  const view = views[0]![0]!
  const { id, model, contextWindow, price: shown, running, queued, concurrency } = view
  expect({ id, model, contextWindow, shown, running, queued, concurrency }).toEqual({
    ...{ id: 'a', model: 'm', contextWindow: 8_192, shown: price },
    ...{ running: 1, queued: 2, concurrency: 1 },
  })
  core.held.succeed('1', {})
  await kernel.clock.settle()
  expect(view.queued).toBe(1)
  expect(views[2]![0]).toBe(view)
})
