import type { Outcome } from '../engine/simulation.js'
import { quantile } from '../../sampling/quantile.js'
import { aloneMs, hostedModel } from '../workload/program.js'

/** Says how well the programs fared that count. Times in milliseconds. */
export interface Figures {
  readonly policy: string
  /** Time a program took, over the time it takes alone. */
  readonly slowdownMean: number
  readonly slowdownP99: number
  /** Jain's index over 1/slowdown: 1 is perfectly even. */
  readonly fairness: number
  /** Share of programs that took at most twice as long as alone. */
  readonly withinTwice: number
  readonly turnaroundMean: number
  readonly turnaroundMax: number
  readonly waitP50: number
  readonly waitP95: number
  readonly waitP99: number
  readonly makespan: number
  readonly calls: number
  readonly hash: string
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Computes the figures of a simulation. */
export function figuresOf(policy: string, outcome: Outcome): Figures {
  const counted = outcome.fates.filter(({ program }) => program.counted)
  const turnarounds = counted.map(({ program, endedAt }) => endedAt - program.arrivesAt)
  const slowdowns = counted.map(({ program }, at) => (turnarounds[at] as number) / aloneMs(program, hostedModel))
  const speeds = slowdowns.map((slowdown) => 1 / slowdown)
  const sorted = [...slowdowns].sort((a, b) => a - b)
  return {
    policy,
    slowdownMean: mean(slowdowns),
    slowdownP99: quantile(sorted, 0.99),
    fairness: mean(speeds) ** 2 / mean(speeds.map((speed) => speed ** 2)),
    withinTwice: slowdowns.filter((slowdown) => slowdown <= 2).length / slowdowns.length,
    turnaroundMean: mean(turnarounds),
    turnaroundMax: turnarounds.reduce((most, each) => Math.max(most, each), 0),
    waitP50: quantile(outcome.waits, 0.5),
    waitP95: quantile(outcome.waits, 0.95),
    waitP99: quantile(outcome.waits, 0.99),
    makespan: outcome.makespan,
    calls: outcome.calls,
    hash: outcome.hash,
  }
}
