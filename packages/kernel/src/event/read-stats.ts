import type { KernelStats } from './kernel-stats.js'
import type { KernelState } from '../kernel-state.js'

/** Reads the counters of a kernel. */
export function statsOf(kernel: KernelState): KernelStats {
  const { metrics } = kernel
  return {
    uptimeMs: kernel.clock.now() - metrics.startedAt,
    processes: kernel.processes.size,
    outstanding: metrics.outstanding,
    settled: metrics.settled,
    inputTokens: metrics.inputTokens,
    outputTokens: metrics.outputTokens,
    costUsd: metrics.costUsd,
    lanes: kernel.lanes.all().map((lane) => ({
      lane: lane.id,
      policy: lane.policyName,
      concurrency: lane.concurrency,
      running: lane.running,
      queued: lane.queued,
      started: lane.started,
      rejected: lane.rejected,
      wait: lane.wait.summary(),
      turnaround: lane.turnaround.summary(),
    })),
    rows: kernel.table.stats(),
  }
}
