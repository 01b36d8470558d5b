import type { ChatRequest, CoreOutcome, LlmCoreView, LlmRouter } from '@aios/kernel'
import { checkOptions, option, type OptionField } from '@aios/kernel/driver'
import { allowedCores } from './allowed-cores.js'
import { CoreRecords } from './core-records.js'
import { isPriceTable, PriceBook, type PriceTable } from './prices.js'

/** Is what every strategy takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface StrategyOptions {
  /**
   * Prices by id of a core or name of a model; they go before what a core declares. Default: what it declares, else
   * {@link PRICES}.
   */
  readonly prices?: PriceTable | undefined
}

/** Is what a strategy knows when it chooses. */
export interface Choice {
  readonly request: ChatRequest
  /** The cores that the request allows, one at least, in the order in which they were added. */
  readonly cores: readonly LlmCoreView[]
  /** Time in milliseconds. */
  readonly now: number
  readonly records: CoreRecords
  readonly prices: PriceBook
}

/** Holds the checks of the options that every strategy takes. */
export const STRATEGY_FIELDS: Readonly<Record<string, OptionField>> = { prices: option.optional(isPriceTable) }

const OPTIONS = option.object(STRATEGY_FIELDS)

/** Is a router made of the filters that all share, and a way to choose among what they leave. */
export class StrategyRouter implements LlmRouter {
  readonly records = new CoreRecords()
  readonly prices: PriceBook
  readonly #choose: (choice: Choice) => LlmCoreView | undefined

  constructor(choose: (choice: Choice) => LlmCoreView | undefined, { prices }: StrategyOptions) {
    this.#choose = choose
    this.prices = new PriceBook(prices)
  }

  pick(request: ChatRequest, cores: readonly LlmCoreView[], now: number): string | undefined {
    const { records, prices } = this
    const allowed = allowedCores(request, cores, { records, prices, now })
    if (allowed.length === 0) return undefined
    return this.#choose({ request, cores: allowed, now, records, prices })?.id
  }

  settled(outcome: CoreOutcome): void {
    this.records.learn(outcome)
  }
}

/**
 * Makes the router of a strategy that needs nothing but its options.
 *
 * @param where - names the strategy in messages
 */
export function strategy(
  where: string,
  options: StrategyOptions,
  choose: (choice: Choice) => LlmCoreView | undefined,
): LlmRouter {
  checkOptions(where, options, OPTIONS)
  return new StrategyRouter(choose, options)
}

/** Returns the item with the least value; among equals the first. */
export function leastBy<T>(items: readonly T[], value: (item: T) => number): T | undefined {
  let best: T | undefined
  let least = Number.POSITIVE_INFINITY
  for (const item of items) {
    const its = value(item)
    if (best !== undefined && !(its < least)) continue
    best = item
    least = its
  }
  return best
}
