import type { RowStats } from './kernel-stats.js'

/** Is how a call can end. */
export type Outcome = 'fulfilled' | 'rejected' | 'cancelled'

/** Counts how the calls of one row ended. */
class RowCounter {
  fulfilled = 0
  rejected = 0
  cancelled = 0
}

/** Is the one place that metrics go to: a few additions a call, whoever listens. */
export class Metrics {
  readonly startedAt: number
  outstanding = 0
  settled = 0
  inputTokens = 0
  outputTokens = 0
  costUsd = 0
  readonly #rows = new Map<string, RowCounter>()

  constructor(startedAt: number) {
    this.startedAt = startedAt
  }

  /** Counts a settled call. */
  settle(row: string, outcome: Outcome): void {
    let counter = this.#rows.get(row)
    if (counter === undefined) this.#rows.set(row, (counter = new RowCounter()))
    counter[outcome] += 1
    this.settled += 1
    this.outstanding -= 1
  }

  /** Returns the counters of all rows that were called, by name. */
  rows(): readonly RowStats[] {
    return [...this.#rows].map(([name, counter]) => ({ name, ...counter })).sort((a, b) => (a.name < b.name ? -1 : 1))
  }
}
