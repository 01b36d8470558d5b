import type { Kernel } from '@aios/kernel'
import { textTable } from './text-table.js'

/**
 * Writes the process table and the accounting of a kernel as text: processes, calls by row, lanes, totals.
 * Times are in milliseconds, costs in US dollars.
 */
export function accountsText(kernel: Pick<Kernel, 'ps' | 'stats'>): string {
  const stats = kernel.stats()
  const processes = kernel
    .ps()
    .map(({ pid, parentPid, name, state, outcome, usage }) => [
      pid,
      parentPid,
      name,
      state,
      outcome ?? '',
      usage.calls,
      usage.inputTokens,
      usage.outputTokens,
      usage.costUsd,
    ])
  const rows = stats.rows.map(({ name, fulfilled, rejected, cancelled }) => [name, fulfilled, rejected, cancelled])
  const lanes = stats.lanes.map(({ lane, policy, started, wait, turnaround }) => [
    lane,
    policy,
    started,
    rounded(wait.mean),
    rounded(turnaround.mean),
    rounded(turnaround.max),
  ])
  const tokens = `${stats.inputTokens} input and ${stats.outputTokens} output tokens, ${stats.costUsd} USD`
  return [
    textTable(['PID', 'PARENT', 'NAME', 'STATE', 'OUTCOME', 'CALLS', 'IN', 'OUT', 'USD'], processes),
    textTable(['SYSCALL', 'FULFILLED', 'REJECTED', 'CANCELLED'], rows),
    textTable(['LANE', 'POLICY', 'STARTED', 'WAIT', 'TURNAROUND', 'MAX'], lanes),
    `${stats.settled} ${stats.settled === 1 ? 'call' : 'calls'} in ${rounded(stats.uptimeMs)} ms, ${tokens}\n`,
  ].join('\n')
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}
