import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Says how long input and output had to wait, in milliseconds between two turns of the event loop. */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly turns: number
}

/** Measures the event loop while `work` goes on. Work during which it never turned counts as one delay of its whole length. */
export async function loopDelay(work: () => Promise<void>): Promise<LoopDelay> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const from = performance.now()
  delay.enable()
  await work()
  delay.disable()
  const all = performance.now() - from
  if (delay.count === 0) return { p50: all, p99: all, max: all, turns: 0 }
  const ms = (share: number): number => delay.percentile(share) / 1e6
  return { p50: ms(50), p99: ms(99), max: delay.max / 1e6, turns: delay.count }
}
