import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** Describes where a benchmark ran, and how busy that was. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  /** Processes that wanted to run, over the last 1, 5 and 15 minutes. */
  readonly load: readonly number[]
}

/** Describes this machine, now. */
export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load: loadavg().map((load) => Math.round(load * 100) / 100),
  }
}
