import { checkOptions, option } from '@aios/kernel/driver'
import { bestOf, type JudgedEstimate } from './estimate.js'
import { frontierOf, QUALITY_FOR_USD, type Frontier, type Upgrade } from './frontier.js'
import type { PolicyMaker, SmartPolicy } from './policy.js'

/** Is what {@link withinBudget} takes. Unknown keys are rejected with `AIOS_INVALID_OPTION`. */
export interface WithinBudgetOptions {
  /** US dollars that a call may cost on average; from 0. */
  readonly usdPerCall: number
  /** Last requests that it is calibrated on; from 16. Default 512. */
  readonly window?: number | undefined
}

/** Requests before there is anything to calibrate on. */
const FEWEST = 16
/** Requests after which it is calibrated anew. */
const INTERVAL = 16

const OPTIONS = option.object({ usdPerCall: option.number(0), window: option.optional(option.integer(FEWEST)) })

/**
 * Makes a policy that spends so much a call on average, where it brings most: it buys a better core where the gain of quality
 * for the money is above a level, which is calibrated on the last requests and on what was really spent. Cores without
 * a known price are only taken where all lack one.
 *
 * @throws AiosError `AIOS_INVALID_OPTION`
 */
export function withinBudget(options: WithinBudgetOptions): PolicyMaker {
  checkOptions('withinBudget()', options, OPTIONS)
  const { usdPerCall, window = 512 } = options
  return Object.freeze({ name: 'withinBudget', create: () => new WithinBudget(usdPerCall, window) })
}

class WithinBudget implements SmartPolicy {
  readonly #usdPerCall: number
  readonly #window: number
  readonly #recent: Frontier<JudgedEstimate>[] = []
  #seen = 0
  /** Calls that were paid for, and what is left over of what they might have cost. */
  #over = 0
  /** Gain of quality for a US dollar from which on more is paid. */
  #level = Number.POSITIVE_INFINITY

  constructor(usdPerCall: number, window: number) {
    this.#usdPerCall = usdPerCall
    this.#window = window
  }

  choose(estimates: readonly JudgedEstimate[]): JudgedEstimate {
    const priced = estimates.filter(({ usd }) => usd !== undefined)
    if (priced.length === 0) return bestOf(estimates) as JudgedEstimate
    const frontier = frontierOf(priced, QUALITY_FOR_USD)
    this.#recent[this.#seen % this.#window] = frontier
    this.#seen += 1
    if (this.#seen < FEWEST) return this.#affordable(frontier)
    if (this.#seen % INTERVAL === 0) this.#calibrate()
    return frontier.upgrades.findLast((upgrade) => this.#pays(upgrade))?.to ?? frontier.base
  }

  spent(usd: number): void {
    // Neither a debt nor savings are kept beyond the window: a change of prices is made up for in bounded time.
    const most = this.#usdPerCall * this.#window
    this.#over = Math.max(-most, Math.min(most, this.#over + this.#usdPerCall - usd))
  }

  #pays({ value, weight }: Upgrade<JudgedEstimate>): boolean {
    return value / weight >= this.#level
  }

  /** Chooses by price alone: the best that costs no more than the mean. */
  #affordable({ base, upgrades }: Frontier<JudgedEstimate>): JudgedEstimate {
    return upgrades.findLast(({ to }) => (to.usd ?? 0) <= this.#usdPerCall)?.to ?? base
  }

  /** Finds the level at which the last requests would have cost what they may. */
  #calibrate(): void {
    let left = this.#usdPerCall * this.#recent.length + this.#over
    for (const { base } of this.#recent) left -= base.usd ?? 0
    const upgrades = this.#recent.flatMap((frontier) => frontier.upgrades)
    upgrades.sort((a, b) => b.value / b.weight - a.value / a.weight)
    this.#level = Number.POSITIVE_INFINITY
    for (const { value, weight } of upgrades) {
      left -= weight
      if (left < 0) return
      this.#level = value / weight
    }
    this.#level = 0
  }
}
