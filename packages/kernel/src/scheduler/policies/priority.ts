import { PRIORITY_CLASSES } from '../../limits.js'
import type { PolicyDefinition, SchedulingPolicy, Task } from '../policy.js'
import { ageingStep, checkAgeing, type AgeingOptions } from './ageing.js'
import { chooseClass, ClassBitmap } from './class-bitmap.js'
import { TaskList } from '../task-list.js'

class PriorityPolicy implements SchedulingPolicy {
  size = 0
  readonly #ageingMs: number
  readonly #classes = Array.from({ length: PRIORITY_CLASSES }, () => new TaskList())
  readonly #bitmap = new ClassBitmap()
  readonly #oldestAt = (priority: number): number => this.#classes[priority]?.head?.queuedAt ?? Number.POSITIVE_INFINITY

  constructor(ageingMs: number) {
    this.#ageingMs = ageingMs
  }

  enqueue(task: Task): void {
    this.#classes[task.priority]?.push(task)
    this.#bitmap.add(task.priority)
    this.size += 1
  }

  dequeue(now: number): Task | undefined {
    const task = this.#classes[chooseClass(this.#bitmap, this.#oldestAt, { now, ms: this.#ageingMs })]?.head
    if (task !== undefined) this.remove(task)
    return task
  }

  remove(task: Task): boolean {
    const tasks = this.#classes[task.priority]
    if (tasks?.remove(task) !== true) return false
    if (tasks.size === 0) this.#bitmap.delete(task.priority)
    this.size -= 1
    return true
  }

  yield(below: number): Task | undefined {
    const lowest = this.#bitmap.lowest()
    const task = lowest < below ? this.#classes[lowest]?.tail : undefined
    if (task !== undefined) this.remove(task)
    return task
  }
}

/**
 * Serves the highest class first, within a class in the order of arrival, over all agents. A call that waits rises one
 * class every `ageingMs`, so that no class starves.
 *
 * @throws AiosError `AIOS_INVALID_OPTION` for an `ageingMs` that is not above 0
 * @example
 * ```ts
 * import { createKernel, priority } from '@aios/kernel'
 *
 * const kernel = await createKernel({ policies: { llm: priority({ ageingMs: 2_000 }) } })
 * await kernel.close()
 * ```
 */
export function priority(options: AgeingOptions = {}): PolicyDefinition {
  checkAgeing('priority', options)
  const ageingMs = ageingStep(options)
  return Object.freeze({ name: 'priority', create: () => new PriorityPolicy(ageingMs) })
}
