import { checkOptions, option } from '../../option/check-options.js'
import type { PolicyDefinition, SchedulingPolicy, Task } from '../policy.js'
import { TaskList } from '../task-list.js'
import { BatchedFifo } from './batched-fifo.js'

/** Are the options of {@link fifo}. */
export interface FifoOptions {
  /**
   * Milliseconds of which each ends with the release of what arrived in it, counted from the first call that finds the
   * queue empty; until then calls wait though slots are free. For comparison with the original's scheduler, which looks
   * at its queue once a second. Default 0: nothing is held back.
   */
  readonly batchIntervalMs?: number
}

const OPTIONS = option.object({ batchIntervalMs: option.optional(option.number(0)) })

class FifoPolicy implements SchedulingPolicy {
  readonly ignoresPriority = true
  readonly #tasks = new TaskList()

  get size(): number {
    return this.#tasks.size
  }

  enqueue(task: Task): void {
    this.#tasks.push(task)
  }

  dequeue(): Task | undefined {
    return this.#tasks.shift()
  }

  remove(task: Task): boolean {
    return this.#tasks.remove(task)
  }
}

/**
 * Serves calls strictly in the order they came, whatever their priority or agent (AIOS: FIFOScheduler, without its
 * batch barrier). One busy agent delays all others; see `roundRobin` and `priority`.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an unknown option or a `batchIntervalMs` that is no number from 0
 * @example
 * ```ts
 * import { createKernel, fifo } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { tool: fifo() } })
 * await kernel.close()
 * ```
 */
export function fifo(options: FifoOptions = {}): PolicyDefinition {
  checkOptions('fifo()', options, OPTIONS)
  const intervalMs = options.batchIntervalMs ?? 0
  return Object.freeze({
    name: 'fifo',
    create: () => (intervalMs > 0 ? new BatchedFifo(intervalMs) : new FifoPolicy()),
  })
}
