import { smartSettings, type SmartOptions } from './smart-options.js'
import { SmartRouter } from './smart-router.js'

/**
 * Makes a router that predicts how well each model will do a request, how long its answer gets and what that costs, and
 * chooses by a policy (AIOS: `SmartRouting`). It learns from examples and from `feedback`: from the nearest examples, from words
 * and complexity, and from the task that a request declares. A request that is like nothing it knows goes where `otherwise`
 * says.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { smart, withinBudget } from '@aios/llm'
 * import { scriptedCore } from '@aios/llm/testing'
 *
 * const router = smart({ policy: withinBudget({ usdPerCall: 0.002 }) })
 * const kernel = await createKernel({
 *   llm: ['gpt-5-mini', 'gpt-5'].map((model) => scriptedCore(['Four.'], { id: model, model })),
 *   router,
 * })
 * const messages = [{ role: 'user' as const, content: 'What is 2 + 2?' }]
 * const reply = await kernel.sys().llm.chat({ messages, task: 'maths' })
 * router.feedback(reply.meta.syscallId, reply.text === 'Four.' ? 1 : 0)
 * ```
 */
export function smart(options: SmartOptions = {}): SmartRouter {
  return new SmartRouter(smartSettings(options))
}
