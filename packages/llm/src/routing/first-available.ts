import type { LlmRouter } from '@aios/kernel'
import { isMeant } from './allowed-cores.js'
import { strategy, type StrategyOptions } from './strategy.js'

/**
 * Makes a router that takes the first core there is of those that `llms` names, in its order; without `llms` the first of
 * all. That is what the published code of AIOS does under the name `SequentialRouting`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function firstAvailable(options: StrategyOptions = {}): LlmRouter {
  return strategy('firstAvailable()', options, ({ request: { llms = [] }, cores }) => {
    for (const { name, backend } of llms) {
      const core = cores.find((each) => isMeant(each, name, backend))
      if (core !== undefined) return core
    }
    return cores[0]
  })
}
