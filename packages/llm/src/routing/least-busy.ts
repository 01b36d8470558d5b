import type { LlmCoreView, LlmRouter } from '@aios/kernel'
import { leastBy, strategy, type StrategyOptions } from './strategy.js'

/**
 * Makes a router that takes the core with the fewest calls, running and waiting, for the calls that it can have at once;
 * among equals the one with the fewest calls, then the first.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function leastBusy(options: StrategyOptions = {}): LlmRouter {
  return strategy('leastBusy()', options, ({ cores }) => leastLoaded(cores))
}

/** Returns the core that is least busy. */
export function leastLoaded(cores: readonly LlmCoreView[]): LlmCoreView | undefined {
  const calls = ({ running, queued }: LlmCoreView): number => running + queued
  const share = (core: LlmCoreView): number => calls(core) / core.concurrency
  const least = Math.min(...cores.map(share))
  return leastBy(
    cores.filter((core) => share(core) === least),
    calls,
  )
}
