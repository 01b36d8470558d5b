/** Summarises durations in milliseconds. Percentiles are upper bounds of logarithmic buckets, at most 2x too high. */
export interface DurationStats {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Counts what happened in one lane. */
export interface LaneStats {
  readonly lane: string
  readonly policy: string
  readonly concurrency: number
  readonly running: number
  readonly queued: number
  readonly started: number
  readonly rejected: number
  readonly wait: DurationStats
  readonly turnaround: DurationStats
}

/** Counts how the calls of one row ended. */
export interface RowStats {
  readonly name: string
  readonly fulfilled: number
  readonly rejected: number
  readonly cancelled: number
}

/** Is what `kernel.stats()` returns. */
export interface KernelStats {
  /** Milliseconds since the kernel started. */
  readonly uptimeMs: number
  /** Living processes. */
  readonly processes: number
  /** Calls that have not settled. */
  readonly outstanding: number
  readonly settled: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number
  readonly lanes: readonly LaneStats[]
  readonly rows: readonly RowStats[]
}
