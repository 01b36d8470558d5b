import { monitorEventLoopDelay } from 'node:perf_hooks'
import { cpuMs } from './cpu-time.js'
import { quantile } from '../../sampling/quantile.js'

/** Says how long input and output had to wait, in milliseconds between two turns of the event loop. */
export interface LoopDelay {
  /** 99th percentile by the clock: other programs on the machine make it longer. */
  readonly wallP99: number
  /** 99th percentile of the processor time used meanwhile: the collector's helper threads make it longer. */
  readonly cpuP99: number
  /** Number of turns that the processor time was taken over. */
  readonly turns: number
}

/** Measures the event loop while `work` goes on. Work during which it never turned counts as one delay of its whole length. */
export async function loopDelay(work: () => Promise<void>): Promise<LoopDelay> {
  const clock = monitorEventLoopDelay({ resolution: 1 })
  const turns: number[] = []
  const from = performance.now()
  let working = true
  let last = cpuMs()
  const turn = (): void => {
    const now = cpuMs()
    turns.push(now - last)
    last = now
    if (working) setImmediate(turn)
  }
  clock.enable()
  setImmediate(turn)
  await work()
  working = false
  turn()
  clock.disable()
  const wallP99 = clock.count === 0 ? performance.now() - from : clock.percentile(99) / 1e6
  return { wallP99, cpuP99: quantile(Float64Array.from(turns).sort(), 0.99), turns: turns.length }
}
