import type { ConformanceCase } from '@aios/kernel/testing'
import { ANSWER_CASES } from './answer-cases.js'
import { ENDING_CASES } from './ending-cases.js'
import { playCase } from './llm-case.js'
import type { LlmGround } from './llm-ground.js'
import { RESUME_CASES } from './resume-cases.js'

/**
 * Returns the cases that every LLM core must pass, as plain data for any test runner. They ask by `chat`, by `stream`, and in
 * batches of one, whichever the driver has; a case that does not apply to it passes and tells `leftOut` why. A core that says
 * `resume` is cut wherever the kernel may cut it, and must go on as if it had not been.
 *
 * @param ground - makes the driver's provider, or a stand-in, follow the scenario of a case
 * @example
 * ```ts
 * import { AiosError } from '@aios/kernel'
 * import { fakeDriverServices } from '@aios/kernel/testing'
 * import { llmConformance, scriptedCore, type LlmGround } from '@aios/llm/testing'
 * import { it } from 'vitest'
 *
 * const ground: LlmGround = {
 *   cannot: ['reasoning', 'detailed-usage', 'hang', 'cut', 'drop'],
 *   async stage({ tokens = [], toolCalls = [], finish, failure, usage }) {
 *     const step = failure
 *       ? { error: new AiosError(failure.code, 'As demanded.', { retryAfterMs: failure.retryAfterMs }) }
 *       : { tokens, toolCalls, finish, usage }
 *     const driver = scriptedCore([step], { repeat: true })
 *     await driver.open?.(fakeDriverServices())
 *     return {
 *       driver,
 *       requests: () => driver.requests.length,
 *       received: async () => undefined,
 *       released: async () => undefined,
 *       close: async () => driver.close?.(),
 *     }
 *   },
 * }
 * for (const { name, run } of llmConformance(ground)) it(name, run)
 * ```
 */
export function llmConformance(ground: LlmGround): ConformanceCase[] {
  const cannot = new Set(ground.cannot)
  return [...ANSWER_CASES, ...ENDING_CASES, ...RESUME_CASES].flatMap((proof) =>
    proof.needs !== undefined && cannot.has(proof.needs)
      ? []
      : [{ name: proof.name, run: () => playCase(proof, ground) }],
  )
}
