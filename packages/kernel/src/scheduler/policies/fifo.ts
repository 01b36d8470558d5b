import type { PolicyDefinition, SchedulingPolicy, Task } from '../policy.js'
import { TaskList } from '../task-list.js'

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
 * @example
 * ```ts
 * import { createKernel, fifo } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { tool: fifo() } })
 * await kernel.close()
 * ```
 */
export function fifo(): PolicyDefinition {
  return Object.freeze({ name: 'fifo', create: () => new FifoPolicy() })
}
