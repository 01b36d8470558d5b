/** Is how a call can end. */
export type Outcome = 'fulfilled' | 'rejected' | 'cancelled'

/** Counts how the calls of one row ended. */
export class RowCounter {
  fulfilled = 0
  rejected = 0
  cancelled = 0
}

/** Is the one place that the counters of a whole kernel go to: a few additions a call, whoever listens. */
export class Metrics {
  readonly startedAt: number
  outstanding = 0
  settled = 0
  inputTokens = 0
  outputTokens = 0
  costUsd = 0

  constructor(startedAt: number) {
    this.startedAt = startedAt
  }
}
