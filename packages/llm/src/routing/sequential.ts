import type { LlmRouter } from '@aios/kernel'
import { strategy, type StrategyOptions } from './strategy.js'

/**
 * Makes a router that sends query i to core i mod n among the n that its request allows (AIOS: `SequentialRouting`, as its
 * paper describes it). Every choice counts, also that of another core for a call that failed.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 * @example
 * ```ts
 * import { createKernel } from '@aios/kernel'
 * import { sequential } from '@aios/llm'
 * import { scriptedCore } from '@aios/llm/testing'
 *
 * const kernel = await createKernel({
 *   llm: ['a', 'b'].map((id) => scriptedCore([`I am ${id}.`], { id })),
 *   router: sequential(),
 * })
 * ```
 */
export function sequential(options: StrategyOptions = {}): LlmRouter {
  let query = 0
  return strategy('sequential()', options, ({ cores }) => {
    const core = cores[query % cores.length]
    query += 1
    return core
  })
}
