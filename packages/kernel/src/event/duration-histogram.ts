import type { DurationStats } from './kernel-stats.js'

const BUCKETS = 48

/** Counts durations in buckets that double, from a microsecond up, at the cost of a few additions. */
export class DurationHistogram {
  readonly #counts = new Float64Array(BUCKETS)
  #count = 0
  #sum = 0
  #max = 0

  /** Counts one duration in milliseconds. */
  add(ms: number): void {
    const micros = ms * 1_000
    this.#count += 1
    this.#sum += ms
    if (ms > this.#max) this.#max = ms
    const bucket =
      micros < 1
        ? 0
        : micros < 2_147_483_648
          ? 32 - Math.clz32(micros)
          : Math.min(BUCKETS - 1, Math.ceil(Math.log2(micros)))
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
  }

  /** Summarises what was counted. */
  summary(): DurationStats {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count,
      p50: this.#percentile(0.5),
      p99: this.#percentile(0.99),
      max: this.#max,
    }
  }

  #percentile(share: number): number {
    let left = this.#count * share
    if (this.#count === 0) return 0
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      left -= this.#counts[bucket] as number
      if (left <= 0) return Math.min(this.#max, 2 ** bucket / 1_000)
    }
    return this.#max
  }
}
